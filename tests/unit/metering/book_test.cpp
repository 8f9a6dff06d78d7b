#include "metering/book.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "metering/module_energy.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

Account account_with(std::size_t channels) {
  Account account;
  account.place_id = "mains";
  for (std::size_t i = 0; i < channels; ++i) {
    account.channels.push_back(
        {ChannelIndex{static_cast<std::uint8_t>(i)}, "ch" + std::to_string(i), ChannelKey{static_cast<std::int64_t>(i + 1)}, {}});
  }
  return account;
}

ClosedPeriod period_of(WattHours in, WattHours out = WattHours{}) {
  ClosedPeriod period;
  period.span.length = seconds{60};
  period.channels.push_back({ChannelIndex{0}, in, out, false});
  return period;
}

}  // namespace

TEST_CASE("TV5: 1234.5 W over 60.012 s are 20.579115 Wh") {
  CHECK(energy_of(Watts{1234.5}, milliseconds{60'012}).value() == Approx(20.579115).epsilon(1e-12));
}

TEST_CASE("what rounding leaves is carried, so a million postings are exact to one micro-watt-hour") {
  auto account = account_with(1);
  const WattHours third{1.0 / 3.0};
  for (int i = 0; i < 1'000'000; ++i) (void)book(account, period_of(third));
  CHECK(std::abs(account.channels[0].registers.energy_import.value() - 333'333'333'333) <= 1);
}

TEST_CASE("registers never fall and equal the sum of their postings, whatever is booked") {
  std::mt19937 random{1};
  std::uniform_real_distribution<double> energy{0.0, 400.0};
  auto account = account_with(1);
  std::int64_t sum_import = 0;
  std::int64_t sum_export = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto closing = book(account, period_of(WattHours{energy(random)}, WattHours{energy(random)}));
    const auto& posting = closing.postings.at(0);
    REQUIRE(posting.energy_import.value() >= 0);
    REQUIRE(posting.energy_export.value() >= 0);
    sum_import += posting.energy_import.value();
    sum_export += posting.energy_export.value();
    REQUIRE(posting.total_import.value() == sum_import);
    REQUIRE(posting.total_export.value() == sum_export);
    REQUIRE(posting.import_remainder >= 0.0);
    REQUIRE(posting.import_remainder < 1.0);
  }
}

TEST_CASE("a negative or not finite energy never reaches a register") {
  const double bad = GENERATE(-0.001, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity());
  auto account = account_with(1);
  const auto closing = book(account, period_of(WattHours{bad}));
  CHECK(closing.quality == Quality::estimated);
  CHECK(closing.reason == Reason::implausible);
  CHECK(account.channels[0].registers.energy_import.value() == 0);
}

TEST_CASE("a channel without a value gets a line with nothing on it") {
  auto account = account_with(2);
  const auto closing = book(account, period_of(WattHours{2.0}));
  REQUIRE(closing.postings.size() == 2);
  CHECK(closing.postings[1].energy_import.value() == 0);
}

TEST_CASE("a gap holds nothing, whatever fraction rounding left over before it") {
  auto account = account_with(1);
  auto& registers = account.channels[0].registers;
  registers.import_remainder = 1.0;  // what a row says of 0.99999 after a crash: its unit is 1/32767
  registers.export_remainder = 0.999999999;
  ClosedPeriod gap;
  gap.quality = Quality::gap;
  gap.reason = Reason::module_reset;
  const auto closing = book(account, gap);
  REQUIRE(closing.postings.size() == 1);
  CHECK(closing.postings[0].energy_import.value() == 0);
  CHECK(closing.postings[0].energy_export.value() == 0);
  CHECK(registers.energy_import.value() == 0);
  CHECK(registers.import_remainder == 1.0);
  CHECK(registers.export_remainder == 0.999999999);
}

TEST_CASE("import is the module's average, export comes from live power") {
  LiveEnergy live{WattHours{100.0}, WattHours{3.0}, seconds{60}, {}};
  const auto energy = energy_of_channel({ChannelIndex{0}, false, Watts{600.0}, live}, seconds{60});
  CHECK(energy.energy_import->value() == Approx(10.0));
  CHECK(energy.energy_export->value() == Approx(3.0));
  CHECK_FALSE(energy.export_is_estimated);
}

TEST_CASE("an inverted clamp swaps the two directions") {
  LiveEnergy live{WattHours{100.0}, WattHours{3.0}, seconds{60}, {}};
  const auto energy = energy_of_channel({ChannelIndex{0}, true, Watts{600.0}, live}, seconds{60});
  CHECK(energy.energy_import->value() == Approx(3.0));
  CHECK(energy.energy_export->value() == Approx(10.0));
}

TEST_CASE("export with a hole in the live samples is estimated; without export there is nothing to estimate") {
  LiveEnergy holed{WattHours{0.0}, WattHours{3.0}, seconds{50}, seconds{10}};
  CHECK(energy_of_channel({ChannelIndex{0}, false, Watts{0.0}, holed}, seconds{60}).export_is_estimated);
  holed.negative = WattHours{};
  CHECK_FALSE(energy_of_channel({ChannelIndex{0}, false, Watts{0.0}, holed}, seconds{60}).export_is_estimated);
}

TEST_CASE(
    "what a turned clamp imported in a hole is not known, also where none was seen around it; nor is export of a long hole") {
  const LiveEnergy holed{WattHours{}, WattHours{}, seconds{50}, seconds{10}};
  CHECK(energy_of_channel({ChannelIndex{0}, true, Watts{0.0}, holed}, seconds{60}).import_is_estimated);
  const LiveEnergy unseen{WattHours{}, WattHours{}, seconds{20}, seconds{40}};
  CHECK(energy_of_channel({ChannelIndex{0}, false, Watts{0.0}, unseen}, seconds{60}).export_is_estimated);
}

TEST_CASE("export of a time in which nobody looked is estimated, however little was seen of it") {
  const auto estimated = [](LiveEnergy live) {
    return energy_of_channel({ChannelIndex{0}, false, Watts{0.0}, live}, seconds{60}).export_is_estimated;
  };
  CHECK(estimated({WattHours{}, WattHours{}, seconds{5}, {}}));                     // the daemon was away for most of the period
  CHECK(estimated({WattHours{}, WattHours{3.0}, seconds{58}, {}}));                 // or for a few seconds
  CHECK(estimated({}));                                                             // or all the time
  CHECK_FALSE(estimated({WattHours{}, WattHours{3.0}, milliseconds{59'800}, {}}));  // the last window falls into the next period
}

TEST_CASE("a period of a second does not become estimated by the windows at its ends") {
  const LiveEnergy live{WattHours{}, WattHours{0.1}, milliseconds{800}, {}};
  CHECK_FALSE(energy_of_channel({ChannelIndex{0}, false, Watts{0.0}, live}, seconds{1}).export_is_estimated);
}

TEST_CASE("an inverted clamp's import is known from live windows only: where some were missed, import is the estimate") {
  LiveEnergy unseen{WattHours{}, WattHours{}, seconds{1}, {}};
  const auto energy = energy_of_channel({ChannelIndex{0}, true, Watts{0.0}, unseen}, seconds{60});
  CHECK(energy.import_is_estimated);
  CHECK_FALSE(energy.export_is_estimated);
  auto account = account_with(1);
  ClosedPeriod period;
  period.quality = Quality::recovered;
  period.reason = Reason::own_downtime;
  period.channels.push_back(energy);
  const auto closing = book(account, period);
  CHECK(closing.quality == Quality::estimated);
  CHECK(closing.reason == Reason::live_hole);
  CHECK(closing.note == missed_import_note);
  CHECK_FALSE(closing.postings.front().export_is_estimated);
}

TEST_CASE("a net average of a module that measures both directions is taken apart, and none of them is counted twice") {
  const LiveEnergy live{WattHours{5.0}, WattHours{3.0}, seconds{60}, {}};
  const auto split = [&](double mean_w, std::optional<LiveEnergy> seen) {
    return energy_of_channel({ChannelIndex{0}, false, Watts{mean_w}, seen, true}, seconds{60});
  };
  SECTION("positive and net") {
    const auto energy = split(120.0, live);  // 2 Wh
    CHECK(energy.energy_import->value() == Approx(5.0));
    CHECK(energy.energy_export->value() == Approx(3.0));
  }
  SECTION("import alone, as other firmware has it") {
    const auto energy = split(300.0, live);  // 5 Wh
    CHECK(energy.energy_import->value() == Approx(5.0));
    CHECK(energy.energy_export->value() == Approx(3.0));
  }
  SECTION("negative") {
    const auto energy = split(-120.0, LiveEnergy{WattHours{1.0}, WattHours{3.0}, seconds{60}, {}});
    CHECK(energy.energy_import->value() == Approx(1.0));
    CHECK(energy.energy_export->value() == Approx(3.0));
  }
  SECTION("negative, and nobody looked") {
    const auto energy = split(-120.0, std::nullopt);
    CHECK(energy.energy_import->value() == Approx(0.0));
    CHECK(energy.energy_export->value() == Approx(2.0));
  }
}

TEST_CASE("a direction that no hardware can deliver does not take the other one with it") {
  auto account = account_with(1);
  ClosedPeriod period;
  period.channels.push_back({ChannelIndex{0}, WattHours{-1.0}, WattHours{2.0}, false, false});
  const auto closing = book(account, period);
  CHECK(closing.reason == Reason::implausible);
  CHECK(closing.postings.front().energy_import.value() == 0);
  CHECK(closing.postings.front().energy_export.value() == 2'000'000);
}

TEST_CASE("a module's own export is booked as it is, whatever live power missed, and the line says where it comes from") {
  const LiveEnergy holed{WattHours{1.0}, WattHours{2.0}, seconds{30}, seconds{30}};
  auto energy = energy_of_channel({ChannelIndex{0}, false, Watts{600.0}, holed, true, Watts{300.0}}, seconds{60});
  CHECK(energy.energy_import->value() == Approx(10.0));
  CHECK(energy.energy_export->value() == Approx(5.0));
  CHECK_FALSE(energy.export_is_estimated);
  CHECK(energy.export_source == ExportSource::module);
  auto account = account_with(1);
  ClosedPeriod period;
  period.channels.push_back(energy);
  CHECK(book(account, period).postings.front().export_source == ExportSource::module);

  energy = energy_of_channel({ChannelIndex{0}, false, Watts{600.0}, holed}, seconds{60});
  CHECK(energy.export_source == ExportSource::live);
  energy = energy_of_channel({ChannelIndex{0}, false, Watts{600.0}, std::nullopt}, seconds{60});
  CHECK(energy.export_source == ExportSource::none);
  energy = energy_of_channel({ChannelIndex{0}, true, Watts{600.0}, holed}, seconds{60});
  CHECK(energy.export_source == ExportSource::module);
}

TEST_CASE("a turned clamp imports what the module's export register says, and none of it is an estimate") {
  const auto energy = energy_of_channel({ChannelIndex{0}, true, Watts{600.0}, std::nullopt, true, Watts{300.0}}, seconds{60});
  CHECK(energy.energy_import->value() == Approx(5.0));
  CHECK(energy.energy_export->value() == Approx(10.0));
  CHECK_FALSE(energy.import_is_estimated);
}

TEST_CASE("a negative average beside an export register is import less export") {
  const auto energy = energy_of_channel({ChannelIndex{0}, false, Watts{-120.0}, std::nullopt, true, Watts{300.0}}, seconds{60});
  CHECK(energy.energy_import->value() == Approx(3.0));
  CHECK(energy.energy_export->value() == Approx(5.0));
}

TEST_CASE("an export register that gave nonsense is an estimate where nobody saw live power instead") {
  CHECK(energy_of_channel({ChannelIndex{0}, false, Watts{600.0}, std::nullopt, true, std::nullopt, true}, seconds{60})
            .export_is_estimated);
  const LiveEnergy live{WattHours{10.0}, WattHours{3.0}, seconds{60}, {}};
  CHECK_FALSE(
      energy_of_channel({ChannelIndex{0}, false, Watts{600.0}, live, true, std::nullopt, true}, seconds{60}).export_is_estimated);
}
