#include "fleet/edge_reads.hpp"

#include <array>

#include "fleet/module.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::fleet;
using std::chrono::milliseconds;

namespace {

constexpr BootTime start{Microseconds{1'000'000'000}};
constexpr I2cAddress address{0x50};

EdgePattern pattern(EdgePattern::Edges edges, BootTime last) {
  EdgePattern known;
  known.edges = edges;
  known.last = last;
  return known;
}

struct Modules {
  std::array<Module, 2> all{Module{Assignment{}}, Module{Assignment{}}};
  [[nodiscard]] Module* operator[](std::size_t i) { return &all.at(i); }
};

LiveOrder order_for(Module* module) {
  LiveOrder order;
  order.module = module;
  return order;
}

}  // namespace

TEST_CASE("a read waits for the edge that is its module's, and is taken once") {
  Modules modules;
  EdgeReads reads;
  reads.add(std::nullopt, pattern(EdgePattern::Edges::shared, start), order_for(modules[0]));
  CHECK(reads.take(std::nullopt, start + milliseconds{90}).empty());  // a neighbour's
  const auto taken = reads.take(std::nullopt, start + milliseconds{201});
  REQUIRE(taken.size() == 1);
  CHECK(taken.front().module == modules[0]);
  CHECK(reads.take(std::nullopt, start + milliseconds{201}).empty());
  CHECK_FALSE(reads.take_back(modules[0]));
}

TEST_CASE("an edge of another line takes nothing") {
  Modules modules;
  EdgeReads reads;
  reads.add(address, pattern(EdgePattern::Edges::own, start), order_for(modules[0]));
  CHECK(reads.take(std::nullopt, start + milliseconds{200}).empty());
  CHECK(reads.take(address, start + milliseconds{200}).size() == 1);
}

TEST_CASE("two modules whose edges coincide are both read, in the order in which they were added") {
  Modules modules;
  EdgeReads reads;
  reads.add(std::nullopt, pattern(EdgePattern::Edges::shared, start), order_for(modules[0]));
  reads.add(std::nullopt, pattern(EdgePattern::Edges::shared, start + milliseconds{1}), order_for(modules[1]));
  const auto taken = reads.take(std::nullopt, start + milliseconds{200});
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].module == modules[0]);
  CHECK(taken[1].module == modules[1]);
}

TEST_CASE("a read that is taken back does not happen, and neither does one that was cleared") {
  Modules modules;
  EdgeReads reads;
  reads.add(std::nullopt, pattern(EdgePattern::Edges::shared, start), order_for(modules[0]));
  reads.add(std::nullopt, pattern(EdgePattern::Edges::shared, start), order_for(modules[1]));
  CHECK(reads.take_back(modules[0]));
  CHECK(reads.take(std::nullopt, start + milliseconds{200}).size() == 1);
  reads.add(std::nullopt, pattern(EdgePattern::Edges::shared, start), order_for(modules[1]));
  reads.clear();
  CHECK(reads.take(std::nullopt, start + milliseconds{200}).empty());
}
