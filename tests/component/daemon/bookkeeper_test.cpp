// What leaves the bookkeeper, and when: nothing before it is committed, and under the right name.
#include "office.hpp"

#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

HouseSettings one_module() {
  simulator::LoadSettings load;
  load.power_w = 1000.0;
  simulator::ModuleSettings module;
  module.address = I2cAddress{0x50};
  module.uptime = std::chrono::hours{1};
  module.channels.push_back({{load}});
  HouseSettings settings;
  settings.world.modules.push_back(module);
  return settings;
}

}  // namespace

TEST_CASE("registers that are asked for are those that are committed, however long the disk refuses") {
  Office office;
  const auto account = office.open("mains").value();
  office.book(account, 10.0);
  office.loop.run_for(seconds{1});
  CHECK(office.told(account) == Approx(10.0));
  office.refuse();
  office.book(account, 5.0);
  office.book(account, 5.0);
  office.loop.run_for(minutes{30});
  CHECK(office.told(account) == Approx(10.0));
  CHECK_FALSE(office.sink.contains("total 0.015"));
  CHECK_FALSE(office.sink.contains("total 0.020"));
  office.make_room();
  office.loop.run_for(minutes{2});
  CHECK(office.told(account) == Approx(20.0));
  CHECK(office.sink.contains("mains/ch0: 60.000 s, 5.000 Wh in, 0.000 Wh out; total 0.020000 kWh in"));
}

TEST_CASE("an output that comes while the disk refuses is told what is committed") {
  Office office;
  const auto account = office.open("mains").value();
  office.book(account, 10.0);
  office.loop.run_for(seconds{1});
  office.refuse();
  office.book(account, 5.0);
  office.loop.run_for(seconds{1});
  CommitListener late;
  office.bookkeeper.announce(late);
  REQUIRE(late.heard.size() == 1);
  CHECK(late.heard[0].registers.at(0).energy_import == MicroWattHours{10'000'000});
}

TEST_CASE("a correction of the second channel is told as one of the second channel") {
  Office office;
  const auto account = office.open("mains").value();
  office.book(account, 10.0);
  office.loop.run_for(seconds{1});
  office.output.heard.clear();
  metering::CorrectionRequest request;
  request.note = "the clamp was in the wrong socket";
  request.channels.push_back({"ch1", metering::RegisterChange{metering::RegisterChange::Kind::by, MicroWattHours{7}}, {}});
  bool is_done = false;
  office.bookkeeper.correct("mains", request, office.now,
                            [&is_done](const Result<daemon::Bookkeeper::Correction>& line) { is_done = line.has_value(); });
  office.loop.run_for(seconds{1});
  CHECK(is_done);
  REQUIRE(office.output.heard.size() == 1);
  const auto& told = office.output.heard[0];
  REQUIRE(told.postings.size() == 1);
  CHECK(told.postings[0].channel_id == "ch1");
  CHECK(told.postings[0].quality == metering::Quality::adjustment);
  CHECK(told.postings[0].energy_import == MicroWattHours{7});
  CHECK(told.registers.at(0).energy_import == MicroWattHours{10'000'000});
  CHECK(told.registers.at(1).energy_import == MicroWattHours{7});
}

TEST_CASE("an account is opened after what was booked on it") {
  Office office;
  const auto first = office.open("mains", 1).value();
  office.book(first, 10.0);
  office.loop.run_for(seconds{1});
  office.refuse();
  office.book(first, 5.0);
  office.loop.run_for(seconds{10});
  const auto heard = office.output.heard.size();

  SECTION("not while the disk refuses: it must be asked for again") {
    const auto refused = office.open("mains", 2);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().remedy == Remedy::wait);
    CHECK(office.output.heard.size() == heard);
  }
  SECTION("nor between the disk's recovery and the commit") {
    std::optional<Result<metering::Account>> answer;
    office.make_room();
    office.ask_for("mains", 2, answer);
    office.loop.run_ready();
    REQUIRE(answer);
    CHECK_FALSE(*answer);
    CHECK(office.output.heard.size() == heard);
  }
  SECTION("places of which nothing waits are not concerned") { CHECK(office.open("attic", 3)); }
  office.make_room();
  office.loop.run_for(minutes{2});
  const auto second = office.open("mains", 2);
  REQUIRE(second);
  REQUIRE(second->covered_until);
  CHECK(second->covered_until->at == office.now.at);
  CHECK(second->channels.at(0).registers.energy_import == MicroWattHours{15'000'000});
  office.book(*second, 1.0);
  office.loop.run_for(seconds{1});
  CHECK(office.told(*second) == Approx(16.0));
  CHECK(office.ledger.memory.violations.empty());
}

TEST_CASE("an account that is asked for while its last round is under way comes with that round") {
  Office office;
  const auto first = office.open("mains", 1).value();
  office.book(first, 10.0);
  std::optional<Result<metering::Account>> answer;
  office.ask_for("mains", 2, answer);
  CHECK_FALSE(answer);
  office.loop.run_ready();
  REQUIRE(answer);
  REQUIRE(*answer);
  CHECK((*answer)->covered_until->at == office.now.at);
  CHECK((*answer)->channels.at(0).registers.energy_import == MicroWattHours{10'000'000});
}

TEST_CASE("a chip that is replaced while the disk is full is metered when there is room, and no time is booked twice") {
  constexpr I2cAddress address{0x50};
  House house{one_module()};
  house.start();
  house.run_for(minutes{5});
  house.ledger().hook = [](LedgerStep step) -> std::optional<Error> {
    if (step != LedgerStep::before_commit) return std::nullopt;
    return Error{Errc::ledger_full, Remedy::wait, "the disk is full"};
  };
  house.run_for(minutes{20});
  house.inject(simulator::FaultKind::replace_chip, address);
  house.run_for(minutes{20});
  house.ledger().hook = nullptr;
  house.run_for(minutes{10});
  CHECK(house.bookkeeper().backlog() == 0);
  CHECK(house.ledger().violations.empty());
  CHECK_FALSE(house.output().fell);
  const auto lines = house.ledger().closings(House::place(address));
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back().quality == metering::Quality::measured);
  CHECK(lines.back().module != lines.front().module);
}
