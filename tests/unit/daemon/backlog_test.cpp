// What waits for the disk: bounded, and told truthfully when it is lost.
#include "daemon/backlog.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using daemon::Backlog;
using std::chrono::minutes;

namespace {

constexpr std::size_t many = 5000;

metering::Closing minute(int n, metering::ModuleKey module = metering::ModuleKey{1}) {
  metering::Closing closing;
  closing.place = metering::PlaceKey{1};
  closing.module = module;
  const BootId boot{BootId::Bytes{1}};
  closing.span.begin = {boot, BootTime{minutes{n}}, UtcTime{minutes{n}}, true};
  closing.span.end = {boot, BootTime{minutes{n + 1}}, UtcTime{minutes{n + 1}}, true};
  closing.span.length = minutes{1};
  closing.postings.push_back({metering::ChannelKey{1}, MicroWattHours{1}, {}, MicroWattHours{n + 1}, {}, 0.0, 0.0, false});
  return closing;
}

Backlog::Entry entry(metering::Closing closing) {
  Backlog::Entry entry;
  metering::ModuleCommit module;
  module.place = closing.place;
  module.module = closing.module;
  module.closings.push_back(std::move(closing));
  entry.commit.modules.push_back(std::move(module));
  return entry;
}

}  // namespace

TEST_CASE("rounds that wait are bounded, with those who wait for them, and no energy is lost") {
  Backlog backlog;
  int called = 0;
  for (std::size_t n = 0; n < many; ++n) {
    auto round = entry(minute(static_cast<int>(n)));
    round.round_over.emplace_back([](const Result<void>&) {});
    if (n == many / 2) round.durable.emplace_back([&called](const Result<void>&) { ++called; });
    backlog.add(std::move(round));
  }
  CHECK(backlog.size() == Backlog::longest);
  CHECK(backlog.callbacks() <= Backlog::longest + 1);
  std::int64_t energy = 0;
  std::size_t rounds_over = 0;
  std::optional<BootTime> end;
  while (!backlog.empty()) {
    const auto next = backlog.take_front();
    for (const auto& module : next.commit.modules) {
      for (const auto& closing : module.closings) {
        energy += closing.postings.at(0).energy_import.value();
        if (end) CHECK(closing.span.begin.at == *end);
        end = closing.span.end.at;
      }
    }
    for (const auto& durable : next.durable) durable({});
    rounds_over = next.round_over.size();
  }
  CHECK(energy == static_cast<std::int64_t>(many));
  CHECK(end == BootTime{minutes{many}});
  CHECK(called == 1);       // a person, or a module that came back, waits however many rounds pass
  CHECK(rounds_over == 1);  // of the newest round
}

TEST_CASE("what waits of a place is known") {
  Backlog backlog;
  backlog.add(entry(minute(0)));
  CHECK(backlog.has(metering::PlaceKey{1}));
  CHECK_FALSE(backlog.has(metering::PlaceKey{2}));
  (void)backlog.take_front();
  CHECK_FALSE(backlog.has(metering::PlaceKey{1}));
}

TEST_CASE("what the ledger lacks at the end is counted, with what the modules keep") {
  Backlog backlog;
  CHECK(backlog.loss().empty());
  SECTION("one period of each module: nothing is lost") {
    backlog.add(entry(minute(0, metering::ModuleKey{1})));
    backlog.add(entry(minute(0, metering::ModuleKey{2})));
    CHECK(backlog.loss() ==
          "The ledger lacks 2 periods from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z. The modules keep what they averaged, "
          "and the "
          "next start recovers it");
  }
  SECTION("several of one module") {
    for (int n = 0; n < 3; ++n) backlog.add(entry(minute(n)));
    CHECK(backlog.loss() ==
          "The ledger lacks 3 periods from 1970-01-01T00:00:00Z to 1970-01-01T00:03:00Z. Of the periods the modules keep the "
          "newest, 1 "
          "in all, which the next start recovers; the others are lost with this process");
  }
  SECTION("an estimate was made here, not in the module") {
    auto estimate = minute(0);
    estimate.quality = metering::Quality::estimated;
    estimate.reason = metering::Reason::voltage_borrowed;
    backlog.add(entry(std::move(estimate)));
    CHECK(backlog.loss() ==
          "The ledger lacks 1 period from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z. The periods are lost with this process");
  }
  SECTION("a correction") {
    auto correction = minute(0);
    correction.quality = metering::Quality::adjustment;
    backlog.add(entry(std::move(correction)));
    CHECK(backlog.loss() == "The ledger lacks 1 correction. Corrections must be asked for again");
  }
}
