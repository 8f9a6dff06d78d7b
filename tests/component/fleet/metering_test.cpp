// A whole fleet on the simulator in virtual time: what is booked is what was delivered.
#include <algorithm>
#include <cmath>

#include "protocol/registers.hpp"
#include "support/catch.hpp"
#include "support/house.hpp"
#include "support/one_kilowatt.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using metering::Reason;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first{0x50};

simulator::LoadSettings constant(double watts) {
  simulator::LoadSettings load;
  load.power_w = watts;
  return load;
}

simulator::LoadSettings square(double high, double low, Microseconds period) {
  simulator::LoadSettings load;
  load.shape = simulator::LoadSettings::Shape::square;
  load.power_w = high;
  load.low_w = low;
  load.period = period;
  return load;
}

simulator::ModuleSettings module_at(I2cAddress address, std::vector<simulator::LoadSettings> loads, bool broadcast = false) {
  simulator::ModuleSettings module;
  module.address = address;
  module.broadcast = broadcast;
  module.uptime = hours{1};
  module.variant = loads.size() == 3   ? simulator::Variant::ui3
                   : loads.size() == 2 ? simulator::Variant::ui2
                                       : simulator::Variant::ui1;
  for (auto& load : loads) {
    simulator::ChannelSettings channel;
    channel.loads.push_back(load);
    module.channels.push_back(channel);
  }
  return module;
}

HouseSettings house_with(std::vector<simulator::ModuleSettings> modules) {
  HouseSettings settings;
  settings.world.modules = std::move(modules);
  return settings;
}

/// Booked import of a channel minus the physical truth between the first and the last instant that the ledger covers, in Wh.
double error_wh(House& house, I2cAddress address, std::uint8_t channel = 0) {
  const auto lines = house.ledger().closings(House::place(address));
  REQUIRE_FALSE(lines.empty());
  const auto index = *house.world().find("main", address);
  const auto truth = house.world().physical_between(index, channel, lines.front().span.begin.at, lines.back().span.end.at);
  const auto id = "ch" + std::to_string(channel);
  return house.ledger().registers(House::place(address), id).energy_import.to_watt_hours().value() - truth.import_j / 3600.0;
}

}  // namespace

TEST_CASE("a constant load is booked to the micro-watt-hour") {
  House house{house_with({module_at(first, {constant(1000.0)})})};
  house.start();
  house.run_for(hours{2});
  CHECK(house.ledger().closings("at_80").size() >= 119);
  CHECK(std::abs(error_wh(house, first)) < 1e-5);
  CHECK(house.ledger().violations.empty());
  CHECK_FALSE(house.output().fell);
}

TEST_CASE("periods end on full minutes, within the time of a latch write") {
  House house{house_with({module_at(first, {constant(100.0)})})};
  house.start();
  house.run_for(minutes{10});
  const auto lines = house.ledger().closings("at_80");
  REQUIRE(lines.size() >= 9);
  for (const auto& line : lines) {
    const auto after = line.span.end.utc.time_since_epoch() % minutes{1};
    CHECK(after < milliseconds{5});
    CHECK(line.quality == Quality::measured);
  }
}

TEST_CASE("the first latch on an unknown module is a primer: nothing before it is booked") {
  House house{house_with({module_at(first, {constant(3600.0)})})};
  house.start();
  house.run_for(seconds{5});
  CHECK(house.ledger().closings("at_80").empty());
  CHECK(house.world().counters(0).latches_executed >= 1);
}

TEST_CASE("a square wave out of step is booked within the window quantisation") {
  House house{house_with({module_at(first, {square(2000.0, 0.0, milliseconds{7300})})})};
  house.start();
  house.run_for(hours{6});
  const auto booked = house.ledger().registers("at_80", "ch0").energy_import.to_watt_hours().value();
  // Each end of the covered time is known to one window: 0.2 s of 2 kW.
  CHECK(std::abs(error_wh(house, first)) < 2 * 2000.0 * 0.2 / 3600.0);
  CHECK(std::abs(error_wh(house, first)) / booked < 1e-4);
}

TEST_CASE("three modules that listen are latched by one frame and proven by its tick") {
  House house{house_with({module_at(first, {constant(10.0)}, true), module_at(I2cAddress{0x51}, {constant(20.0)}, true),
                          module_at(I2cAddress{0x52}, {constant(30.0)}, true)})};
  house.start();
  house.run_for(minutes{10});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(house.world().counters(i).latches_executed >= 10);
    CHECK(std::abs(error_wh(house, I2cAddress{static_cast<std::uint8_t>(0x50 + i)})) < 1e-5);
  }
  const auto a = house.ledger().closings("at_80");
  const auto b = house.ledger().closings("at_82");
  CHECK(a.back().span.end.at == b.back().span.end.at);
  CHECK(house.ledger().last_gc_tick() != metering::no_gc_tick);
}

TEST_CASE("a module that misses the broadcast is latched directly in the same round") {
  auto settings = house_with({module_at(first, {constant(10.0)}, true), module_at(I2cAddress{0x51}, {constant(20.0)}, true)});
  simulator::Fault miss;
  miss.kind = simulator::FaultKind::miss_broadcast;
  miss.at = minutes{3};
  miss.lasting = minutes{3};
  miss.module = I2cAddress{0x51};
  settings.world.faults.push_back(miss);
  House house{settings};
  house.start();
  house.run_for(minutes{10});
  CHECK(house.ledger().closings("at_81").size() >= 9);
  CHECK(std::abs(error_wh(house, I2cAddress{0x51})) < 1e-5);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("20 % NACKs lose nothing") {
  auto settings = house_with(
      {module_at(first, {square(2000.0, 100.0, milliseconds{7300})}), module_at(I2cAddress{0x51}, {constant(20.0)}, true)});
  settings.world.faults.push_back(simulator::steady_nacks_at_100khz());
  House house{settings};
  house.start();
  house.run_for(hours{3});
  CHECK(std::abs(error_wh(house, first)) < 2 * 2000.0 * 0.2 / 3600.0);
  CHECK(std::abs(error_wh(house, I2cAddress{0x51})) < 1e-5);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("bursts of interference lose nothing: the next good latch covers the time") {
  auto settings = house_with(
      {module_at(first, {square(2000.0, 100.0, milliseconds{7300})}, true), module_at(I2cAddress{0x51}, {constant(20.0)}, true)});
  for (int i = 1; i <= 20; ++i) settings.world.faults.push_back(simulator::emi_burst(minutes{5 * i} - seconds{2}, seconds{4}));
  House house{settings};
  house.start();
  house.run_for(hours{2});
  CHECK(std::abs(error_wh(house, first)) < 2 * 2000.0 * 0.2 / 3600.0);
  CHECK(std::abs(error_wh(house, I2cAddress{0x51})) < 1e-5);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a latch that is reported as failed but landed is not sent again") {
  auto settings = house_with({module_at(first, {square(2000.0, 100.0, milliseconds{7300})})});
  House house{settings};
  int latches = 0;
  int lost = 0;
  house.world().bus()->set_hooks({[&](const simulator::Transaction& t) {
                                    if (t.writes(0x01, 0x27) && ++latches % 3 == 0) {
                                      ++lost;
                                      return simulator::Intervention::lose_ack;
                                    }
                                    return simulator::Intervention::none;
                                  },
                                  {}});
  house.start();
  house.run_for(hours{2});
  CHECK(lost > 10);
  CHECK(std::abs(error_wh(house, first)) < 2 * 2000.0 * 0.2 / 3600.0);
  CHECK(house.world().truth(0).never_read.value() < 1e-9 + house.world().truth(0).physical_import.value());
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a latch that is acknowledged but lost is covered by a later one") {
  House house{house_with({module_at(first, {square(2000.0, 100.0, milliseconds{7300})})})};
  int lost = 0;
  house.world().bus()->set_hooks({[&](const simulator::Transaction& t) {
                                    if (t.writes(0x01, 0x27) && t.number % 5 == 0) {
                                      ++lost;
                                      return simulator::Intervention::lose_write;
                                    }
                                    return simulator::Intervention::none;
                                  },
                                  {}});
  house.start();
  house.run_for(hours{2});
  CHECK(lost > 5);
  CHECK(std::abs(error_wh(house, first)) < 2 * 2000.0 * 0.2 / 3600.0);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a module that is absent at start is found later, without slowing the others") {
  auto settings = house_with({module_at(first, {constant(10.0)}), module_at(I2cAddress{0x51}, {constant(20.0)})});
  simulator::Fault away;
  away.kind = simulator::FaultKind::unplug;
  away.lasting = minutes{20};
  away.module = I2cAddress{0x51};
  settings.world.faults.push_back(away);
  House house{settings};
  house.start();
  house.run_for(minutes{10});
  CHECK(house.ledger().closings("at_80").size() >= 9);
  CHECK(house.ledger().closings("at_81").empty());
  house.run_for(minutes{20});
  CHECK(house.ledger().closings("at_81").size() >= 8);
}

TEST_CASE("a module that loses power makes a gap, never a stretched average") {
  auto settings = house_with({module_at(first, {constant(1000.0)})});
  simulator::Fault cycle;
  cycle.kind = simulator::FaultKind::power_cycle;
  cycle.at = minutes{10} + seconds{30};
  cycle.lasting = seconds{3};
  settings.world.faults.push_back(cycle);
  House house{settings};
  house.start();
  house.run_for(minutes{20});
  Microseconds gaps{};
  Microseconds covered{};
  for (const auto& line : house.ledger().closings("at_80")) {
    covered += line.span.length;
    if (line.quality == Quality::gap) {
      gaps += line.span.length;
      CHECK(line.reason == Reason::module_reset);
    }
  }
  // From the last latch before the cut to the module's restart, to its whole second of uptime.
  CHECK(gaps > seconds{30});
  CHECK(gaps < seconds{40});
  const auto booked = house.ledger().registers("at_80", "ch0").energy_import.to_watt_hours();
  const auto unmetered = Watts{1000.0} * std::chrono::duration_cast<Hours>(covered - gaps);
  CHECK(booked.value() == Approx(unmetered.value()).margin(1e-5));
  CHECK(house.ledger().resets >= 1);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("another chip at the address of a place is a new meter in the same place, its registers go on") {
  auto settings = house_with({module_at(first, {constant(1000.0)})});
  simulator::Fault replace;
  replace.kind = simulator::FaultKind::replace_chip;
  replace.at = minutes{10} + seconds{30};
  settings.world.faults.push_back(replace);
  House house{settings};
  house.start();
  house.run_for(minutes{10});
  const auto before = house.ledger().registers("at_80", "ch0").energy_import;
  house.run_for(minutes{20});
  CHECK(house.ledger().registers("at_80", "ch0").energy_import > before);
  bool has_change = false;
  for (const auto& line : house.ledger().closings("at_80"))
    has_change = has_change || line.reason == Reason::meter_changed || line.quality == Quality::gap;
  CHECK(has_change);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("the gap that a module's restart leaves says in words why it restarted") {
  House house{house_with({module_at(first, {constant(1000.0)})})};
  house.start();
  house.run_for(minutes{3} + seconds{20});
  house.inject(simulator::FaultKind::watchdog_reset, first);
  house.run_for(minutes{2});
  const auto lines = house.ledger().closings("at_80");
  const auto gap = std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.quality == Quality::gap; });
  REQUIRE(gap != lines.end());
  CHECK(gap->note.find("the module restarted (watchdog)") == 0);
}

TEST_CASE("a chip that takes the place of another within a period has nothing booked in the other's name") {
  const bool is_pinned = GENERATE(false, true);
  auto module = module_at(first, {constant(1000.0)});
  module.uid = *ModuleUid::parse("0102030405060708090a0b0c");
  auto settings = house_with({module});
  if (is_pinned) settings.pinned[first] = *module.uid;
  House house{settings};
  house.start();
  house.run_for(minutes{10} + seconds{20});
  const auto before = house.ledger().registers("at_80", "ch0").energy_import;
  const auto resets_before = house.ledger().resets;
  house.run_for(seconds{10});
  house.inject(simulator::FaultKind::replace_chip, first);
  house.run_for(minutes{20});
  for (const auto& line : house.ledger().closings("at_80")) {
    INFO(to_string(line.quality) << ", " << to_string(line.reason) << ": " << line.note);
    CHECK(line.quality != Quality::estimated);
    CHECK(line.reason != Reason::module_reset);
  }
  const auto after = house.ledger().registers("at_80", "ch0").energy_import;
  CHECK((after == before) == is_pinned);
  if (is_pinned) CHECK(house.ledger().resets == resets_before);  // nothing is kept of a chip that is refused
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a pinned module that was replaced is refused and not metered") {
  auto settings = house_with({module_at(first, {constant(1000.0)})});
  settings.pinned[first] = *ModuleUid::parse("0102030405060708090a0b0c");
  House house{settings};
  house.start();
  house.run_for(minutes{5});
  CHECK(house.ledger().places().empty());
  CHECK(house.world().counters(0).latches_executed == 0);
  CHECK(house.fleet().problem().find("wrong chip") != std::string::npos);
}

TEST_CASE("a scan meters every rbAmp and writes to nobody else") {
  auto settings = house_with(
      {module_at(I2cAddress{0x30}, {constant(1000.0)}), module_at(I2cAddress{0x51}, {constant(20.0), constant(30.0)})});
  settings.is_automatic = true;
  simulator::ForeignSettings eeprom;
  eeprom.address = I2cAddress{0x57};
  simulator::ForeignSettings dimmer;
  dimmer.kind = simulator::ForeignSettings::Kind::dimmer;
  dimmer.address = I2cAddress{0x40};
  settings.world.foreign = {eeprom, dimmer};
  House house{settings};
  house.start();
  house.run_for(minutes{5});
  CHECK(house.ledger().places().size() == 2);
  CHECK(house.fleet().modules_online() == 2);
  CHECK(house.world().foreign_bytes_written() == 0);
}

TEST_CASE("a wedged bus makes its modules unavailable and loses nothing once it works again") {
  auto settings = house_with({module_at(first, {square(2000.0, 100.0, milliseconds{7300})})});
  simulator::Fault stuck;
  stuck.kind = simulator::FaultKind::bus_stuck;
  stuck.at = minutes{10};
  stuck.lasting = minutes{7};
  settings.world.faults.push_back(stuck);
  House house{settings};
  house.start();
  house.run_for(minutes{16});
  CHECK(house.fleet().modules_online() == 0);
  house.run_for(minutes{14});
  CHECK(house.fleet().modules_online() == 1);
  CHECK(std::abs(error_wh(house, first)) < 2 * 2000.0 * 0.2 / 3600.0);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("SIGTERM closes the last period, and the next start books the time in between as recovered") {
  House house{house_with({module_at(first, {square(2000.0, 100.0, milliseconds{7300})})})};
  house.start();
  house.run_for(minutes{10} + seconds{23});
  house.stop();
  const auto lines = house.ledger().closings("at_80");
  CHECK(house.clock().boot_now() - lines.back().span.end.at < seconds{1});
  house.run_for(minutes{7});
  house.start();
  house.run_for(minutes{5});
  CHECK(std::abs(error_wh(house, first)) < 2 * 2000.0 * 0.2 / 3600.0);
  const auto recovered = house.ledger().closings("at_80").at(lines.size());
  CHECK(recovered.quality == Quality::recovered);
  CHECK(recovered.reason == Reason::own_downtime);
  CHECK(recovered.span.length > minutes{7});
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a full disk stretches no period and loses nothing: what waited is stored in order") {
  House house{house_with({module_at(first, {square(2000.0, 100.0, milliseconds{7300})})})};
  house.start();
  house.run_for(minutes{5});
  const auto before = house.ledger().commits;
  house.ledger().hook = [](LedgerStep step) -> std::optional<Error> {
    if (step == LedgerStep::before_arm || step == LedgerStep::before_commit)
      return Error{Errc::ledger_full, Remedy::wait, "the disk is full"};
    return std::nullopt;
  };
  house.run_for(minutes{30});
  CHECK(house.ledger().commits == before);
  CHECK(house.bookkeeper().problem() == "the disk is full");
  house.ledger().hook = nullptr;
  house.run_for(minutes{5});
  CHECK(house.bookkeeper().problem().empty());
  CHECK(house.ledger().closings("at_80").size() >= 38);
  CHECK(std::abs(error_wh(house, first)) < 2 * 2000.0 * 0.2 / 3600.0);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("nothing is published before it is committed") {
  House house{house_with({module_at(first, {constant(1000.0)})})};
  house.start();
  house.run_for(minutes{3});
  const auto published = house.output().registers["at_80/ch0"].energy_import;
  house.ledger().hook = [](LedgerStep step) -> std::optional<Error> {
    if (step == LedgerStep::before_commit) return Error{Errc::ledger_full, Remedy::wait, "the disk is full"};
    return std::nullopt;
  };
  house.run_for(minutes{10});
  CHECK(house.output().registers["at_80/ch0"].energy_import == published);
}

TEST_CASE("an empty latch keeps the anchor: the next good one covers both") {
  auto settings = house_with({module_at(first, {constant(1000.0)})});
  simulator::Fault empty;
  empty.kind = simulator::FaultKind::empty_latch;
  empty.at = minutes{5} - seconds{1};
  empty.lasting = minutes{3};
  settings.world.faults.push_back(empty);
  House house{settings};
  house.start();
  house.run_for(minutes{20});
  CHECK(std::abs(error_wh(house, first)) < 1e-5);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("export of a solar roof is integrated from live power, import from the module's average") {
  auto settings = house_with({module_at(first, {square(1500.0, -2500.0, seconds{60})})});
  settings.role = metering::Role::grid;
  House house{settings};
  house.start();
  house.run_for(hours{1});
  const auto lines = house.ledger().closings("at_80");
  const auto truth = house.world().physical_between(0, 0, lines.front().span.begin.at, lines.back().span.end.at);
  const auto registers = house.ledger().registers("at_80", "ch0");
  CHECK(registers.energy_import.to_watt_hours().value() == Approx(truth.import_j / 3600.0).epsilon(0.002));
  CHECK(registers.energy_export.to_watt_hours().value() == Approx(truth.export_j / 3600.0).epsilon(0.005));
}

TEST_CASE("what a roof delivers before its first latch is not booked after it") {
  auto settings = house_with({module_at(first, {constant(-3000.0)})});
  settings.role = metering::Role::solar;
  simulator::Fault deaf;
  deaf.kind = simulator::FaultKind::miss_broadcast;
  deaf.lasting = seconds{90};
  settings.world.faults.push_back(deaf);
  House house{settings};
  house.start();
  house.run_for(minutes{5});
  const auto lines = house.ledger().closings("at_80");
  REQUIRE_FALSE(lines.empty());
  const auto& line = lines.front();
  const auto truth = house.world().physical_between(0, 0, line.span.begin.at, line.span.end.at);
  constexpr double window_wh = 3000.0 * 0.2 / 3600.0;
  CHECK(line.postings.front().energy_export.to_watt_hours().value() == Approx(truth.export_j / 3600.0).margin(window_wh));
}

TEST_CASE("a restart of the daemon costs no export at its ends: neither the last window nor the first") {
  // At every place in a window.
  const int stop_ms = GENERATE(0, 20, 40, 60, 80, 100, 120, 140, 160, 180);
  CAPTURE(stop_ms);
  auto settings = house_with({module_at(first, {constant(-3000.0)})});
  settings.role = metering::Role::solar;
  House house{settings};
  constexpr double window_wh = 3000.0 * 0.2 / 3600.0;
  const auto surplus_wh = [&house](std::size_t from, std::size_t to) {
    const auto lines = house.ledger().closings("at_80");
    double booked = 0.0;
    for (auto i = from; i < to; ++i) {
      CHECK(lines[i].quality == Quality::measured);
      CHECK_FALSE(lines[i].postings.front().export_is_estimated);
      booked += lines[i].postings.front().energy_export.to_watt_hours().value();
    }
    const auto truth = house.world().physical_between(0, 0, lines[from].span.begin.at, lines[to - 1].span.end.at);
    return booked - truth.export_j / 3600.0;
  };
  house.start();
  house.run_for(minutes{2} + milliseconds{stop_ms});
  house.stop();
  const auto before = house.ledger().closings("at_80").size();
  REQUIRE(before >= 2);
  CHECK(surplus_wh(0, before) == Approx(0.0).margin(0.02 * window_wh));

  house.run_for(seconds{3});
  house.start();
  house.run_for(minutes{2});
  house.stop();
  const auto all = house.ledger().closings("at_80").size();
  REQUIRE(all >= before + 3);
  // The window that is under way at a latch belongs to the period after it; the recovered line's is the first.
  const auto surplus = surplus_wh(before + 1, all);
  CHECK(surplus >= -0.02 * window_wh);
  CHECK(surplus <= 1.02 * window_wh);
}

TEST_CASE("a step of the host's clock changes no energy, and periods end on full minutes again") {
  House house{house_with({module_at(first, {constant(1000.0)})})};
  house.start();
  house.run_for(minutes{5} + seconds{10});
  house.clock().step_utc(hours{3} + seconds{17});
  house.fleet().reschedule();
  house.run_for(minutes{5});
  house.clock().step_utc(-hours{7} - seconds{29});
  house.fleet().reschedule();
  house.run_for(minutes{5});
  CHECK(std::abs(error_wh(house, first)) < 1e-5);
  CHECK(house.ledger().closings("at_80").back().span.end.utc.time_since_epoch() % minutes{1} < milliseconds{5});
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("one wrong bit in the first thing that is read of a module does not leave it alone") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {  // each of the eight bits
    auto settings = one_kilowatt(first);
    settings.world.seed = seed;
    House house{settings};
    bool is_flipped = false;
    house.world().bus()->set_hooks({[&is_flipped](const simulator::Transaction& transaction) {
                                      const bool is_version = transaction.direction == simulator::Direction::read &&
                                                              transaction.reg == protocol::reg::version && transaction.size == 1;
                                      return is_version && !std::exchange(is_flipped, true) ? simulator::Intervention::flip_bit
                                                                                            : simulator::Intervention::none;
                                    },
                                    {}});
    house.start();
    house.run_for(minutes{2});
    REQUIRE(is_flipped);
    CHECK_FALSE(house.log().contains("left alone"));
    CHECK_FALSE(house.ledger().closings(House::place(first)).empty());
  }
}

TEST_CASE("one wrong bit in the test of its bursts does not make a module read byte by byte") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    auto settings = one_kilowatt(first);
    settings.world.seed = seed;
    House house{settings};
    bool is_flipped = false;
    house.world().bus()->set_hooks({[&](const simulator::Transaction& transaction) {
                                      const bool is_single = transaction.direction == simulator::Direction::read &&
                                                             transaction.size == 1 &&
                                                             transaction.reg == protocol::identity_start + seed % 5;
                                      return is_single && !std::exchange(is_flipped, true) ? simulator::Intervention::flip_bit
                                                                                           : simulator::Intervention::none;
                                    },
                                    {}});
    house.start();
    house.run_for(minutes{2});
    REQUIRE(is_flipped);
    CHECK_FALSE(house.fleet().buses().front()->modules().front()->dialect().bytewise);
    CHECK_FALSE(house.ledger().closings(House::place(first)).empty());
  }
}

TEST_CASE("a module that is ordered to restart twice while another one is latched is latched once") {
  auto settings = one_kilowatt(first);
  settings.period = minutes{10};
  settings.world.buses = {{.speed_hz = 10'000}};
  auto& load = settings.world.modules.front().channels.front().loads.front();
  load.shape = simulator::LoadSettings::Shape::square;
  load.power_w = 2000.0;
  load.low_w = 100.0;
  load.period = minutes{10};
  settings.world.modules.push_back(settings.world.modules.front());
  settings.world.modules.back().address = I2cAddress{0x51};
  House house{settings};
  house.start();
  house.run_for(minutes{16});
  auto& bus = *house.fleet().buses().front();
  auto& module = *bus.modules().front();
  bus.restart_module(*bus.modules().back());
  house.run_for(milliseconds{60});
  house.world().bus()->keep_log(1000);
  bus.restart_module(module);
  bus.restart_module(module);
  house.run_for(seconds{2});
  const auto log = house.world().bus()->log();
  const auto is_command = [](std::uint8_t command) {
    return [command](const simulator::LoggedTransaction& one) {
      return one.direction == simulator::Direction::write && one.address == first && one.reg == protocol::reg::command &&
             one.bytes.back() == command;
    };
  };
  const auto reset = std::find_if(log.begin(), log.end(), is_command(0x01));
  REQUIRE(reset != log.end());
  CHECK(std::count_if(log.begin(), reset, is_command(0x27)) == 1);
  house.run_for(minutes{15});
  house.stop();
  for (const auto& line : house.ledger().closings(House::place(first))) {
    if (line.postings.empty()) continue;
    const auto truth = house.world().physical_between(0, 0, line.span.begin.at, line.span.end.at).import_j / 3600.0;
    INFO("a line of " << line.span.length.count() << " us");
    CHECK(std::abs(line.postings.front().energy_import.to_watt_hours().value() - truth) < 2000.0 * 3.0 / 3600.0);
  }
  CHECK(house.ledger().violations.empty());
}
