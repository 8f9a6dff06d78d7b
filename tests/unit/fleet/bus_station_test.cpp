// What a BusStation makes of an adapter that carries no long reads.
#include "fleet/bus_station.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using fleet::BusStation;
using fleet::Effort;

namespace {

constexpr I2cAddress module{0x50};

/// Every register holds its own address; a read that is too long is refused as Linux drivers refuse it.
class LimitedBus final : public bus::I2cBus {
 public:
  LimitedBus(std::size_t most, std::vector<std::size_t>& reads) : most_(most), reads_(reads) {}

  Result<void> read(I2cAddress, std::uint8_t reg, std::span<std::uint8_t> into) override {
    reads_.push_back(into.size());
    if (into.size() > most_) return failure(Errc::bus_unsupported, Remedy::give_up, "too long");
    for (auto& byte : into) byte = reg++;
    return {};
  }
  Result<void> write(I2cAddress, std::span<const std::uint8_t>) override { return {}; }
  bus::Capabilities capabilities() const override { return {}; }
  std::string describe() const override { return "limited"; }

 private:
  std::size_t most_;
  std::vector<std::size_t>& reads_;
};

/// Every read ends in the adapter's timeout.
class HangingBus final : public bus::I2cBus {
 public:
  HangingBus(ManualClock& clock, Microseconds timeout, int& reads) : clock_(clock), timeout_(timeout), reads_(reads) {}

  Result<void> read(I2cAddress, std::uint8_t, std::span<std::uint8_t>) override {
    ++reads_;
    clock_.advance(timeout_);
    return failure(Errc::bus_timeout, Remedy::retry, "timed out");
  }
  Result<void> write(I2cAddress, std::span<const std::uint8_t>) override { return {}; }
  bus::Capabilities capabilities() const override { return {}; }
  std::string describe() const override { return "hanging"; }

 private:
  ManualClock& clock_;
  Microseconds timeout_;
  int& reads_;
};

struct Site {
  explicit Site(std::size_t most)
      : station(
            "main", [this, most] { return Result<std::unique_ptr<bus::I2cBus>>{std::make_unique<LimitedBus>(most, reads)}; },
            clock) {
    REQUIRE(station.open());
  }
  ManualClock clock;
  std::vector<std::size_t> reads;
  BusStation station;
};

bool holds_addresses(std::span<const std::uint8_t> bytes, std::uint8_t first) {
  for (const auto byte : bytes) {
    if (byte != first++) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a read that the adapter refuses for its length is made of pieces, and so are those that follow") {
  Site site{40};
  std::array<std::uint8_t, 56> block{};
  REQUIRE(site.station.read(module, 0x86, block, Effort::steady));
  CHECK(holds_addresses(block, 0x86));
  CHECK(site.reads == std::vector<std::size_t>{56, 32, 24});
  CHECK(site.station.reads_in_pieces(56));
  CHECK(site.station.capabilities().max_read == 32);
  site.reads.clear();
  REQUIRE(site.station.read(module, 0x86, block, Effort::steady));
  CHECK(site.reads == std::vector<std::size_t>{32, 24});
}

TEST_CASE("an adapter that carries eight bytes is good enough, and short reads are not cut") {
  Site site{8};
  std::array<std::uint8_t, 49> block{};
  REQUIRE(site.station.read(module, 0x2A, block, Effort::steady));
  CHECK(holds_addresses(block, 0x2A));
  CHECK(site.station.capabilities().max_read == 8);
  site.reads.clear();
  REQUIRE(site.station.read(module, 0x2A, std::span{block}.first(8), Effort::steady));
  CHECK(site.reads == std::vector<std::size_t>{8});
}

TEST_CASE("an adapter that refuses every read says so") {
  Site site{0};
  std::array<std::uint8_t, 56> block{};
  const auto read = site.station.read(module, 0x86, block, Effort::steady);
  REQUIRE_FALSE(read);
  CHECK(read.error().is(Errc::bus_unsupported));
}

TEST_CASE("a reading that others wait for is not tried again after one that took long") {
  const auto attempts = [](Microseconds timeout, Effort effort) {
    ManualClock clock;
    int reads = 0;
    BusStation station{
        "main", [&] { return Result<std::unique_ptr<bus::I2cBus>>{std::make_unique<HangingBus>(clock, timeout, reads)}; }, clock};
    REQUIRE(station.open());
    std::array<std::uint8_t, 56> block{};
    CHECK_FALSE(station.read(module, 0x86, block, effort));
    return reads;
  };
  CHECK(attempts(std::chrono::milliseconds{100}, Effort::timely) == 1);
  CHECK(attempts(std::chrono::milliseconds{5}, Effort::timely) == 3);
  CHECK(attempts(std::chrono::milliseconds{100}, Effort::steady) == 3);
}
