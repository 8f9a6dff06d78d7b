// Commands: what is passed on, what is answered, what is refused.
#include "bus_world.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

TEST_CASE("each command reaches the daemon, and its answer the caller") {
  auto world = BusWorld::running();
  CHECK(world->call(command("LatchNow")).empty());
  CHECK(world->control.last_call() == "latch_now");
  CHECK(world->call(command("Reload")) == "'applied: names'");
  CHECK(world->call(command("RestartModule"), "s", "mains").empty());
  CHECK(world->control.last_call() == "restart mains");
  CHECK(world->call(command("Adjust"), "ssxxs", "flats", "ground", std::int64_t{-1250}, std::int64_t{3}, "wrong cable") ==
        "1767603600000000, [('ground', -1250, 3, 998750, 2000003)]");
  CHECK(world->control.last_call() == "adjust flats/ground -1250 3 wrong cable");
  CHECK(world->call(command("MeterChange"), "sa{sv}s", "mains", 2, "ImportUwh", "x", std::int64_t{48}, "NewUid", "s",
                    "3a0041000f51353032363437", "lightning") == "1767603600000000, [('house', 7, 0, 1000007, 2000000)]");
  CHECK(world->control.last_call() == "change mains/ 48 - 3a0041000f51353032363437 lightning");
  CHECK(world->call(command("HomeAssistantForget"), "s", "old").empty());
  CHECK(world->control.last_call() == "forget old");
  CHECK(world->call(command("HomeAssistantFind")) == "[('oldmeter', 'Old meter', 12)]");
  CHECK(world->call(command("HomeAssistantAdopt"), "ssa{ss}b", "mains", "oldmeter", 1, "house_power", "p", 1) ==
        "[('house_power', 'p', 'old_p', 'Power')], ['wifi']");
  CHECK(world->control.last_call() == "try mains oldmeter house_power=p");
}

TEST_CASE("GetStatus gives the daemon's own words") {
  auto world = BusWorld::running();
  world->control.state.health = Health::failed;
  world->control.state.problem = "no bus opens";
  const auto status = world->call(command("GetStatus"));
  CHECK(has(status, "'State': 'failed'"));
  CHECK(has(status, "'Problem': 'no bus opens'"));
  CHECK(has(status, "'Modules': []"));
}

TEST_CASE("nonsense is refused with words before the daemon sees it") {
  auto world = BusWorld::running();
  const std::string long_reason(501, 'x');
  const std::string long_name(100'000, 'a');
  const auto refused = [](const std::string& answer, const std::string& words) {
    return has(answer, "org.rbampd1.Error.RequestInvalid: ") && has(answer, words);
  };
  constexpr std::int64_t zero = 0;
  CHECK(refused(world->call(command("RestartModule"), "s", ""), "must not be empty"));
  CHECK(refused(world->call(command("RestartModule"), "s", "Mains"), "a-z"));
  CHECK(refused(world->call(command("RestartModule"), "s", long_name.c_str()), "more than 64 characters"));
  CHECK(refused(world->call(command("Adjust"), "ssxxs", "flats", "ground", zero, zero, "why"), "both amounts are 0"));
  CHECK(refused(world->call(command("Adjust"), "ssxxs", "flats", "ground", INT64_MAX, zero, "why"), "is the unit right"));
  CHECK(refused(world->call(command("Adjust"), "ssxxs", "flats", "ground", INT64_MIN, zero, "why"), "is the unit right"));
  CHECK(refused(world->call(command("Adjust"), "ssxxs", "flats", "ground", std::int64_t{1}, zero, ""), "reason in words"));
  CHECK(refused(world->call(command("Adjust"), "ssxxs", "flats", "ground", std::int64_t{1}, zero, long_reason.c_str()),
                "longer than 500"));
  CHECK(refused(world->call(command("MeterChange"), "sa{sv}s", "mains", 0, "why"), "say what changed"));
  CHECK(refused(world->call(command("MeterChange"), "sa{sv}s", "mains", 1, "ImportUwh", "d", 1.0, "why"), "must be x"));
  CHECK(refused(world->call(command("MeterChange"), "sa{sv}s", "mains", 1, "Import", "x", std::int64_t{1}, "why"), "is no key"));
  CHECK(refused(world->call(command("BorrowBus"), "s", "/dev/i2c-1"), "a-z"));
  CHECK(world->control.calls.empty());
  CHECK(has(world->call(command("LatchNow"), "s", "now"), "org.freedesktop.DBus.Error.InvalidArgs"));
  CHECK(has(world->call(command("FormatDisk")), "org.freedesktop.DBus.Error.UnknownMethod"));
  CHECK(has(world->call({"/org/rbampd1/module/none", "org.rbampd1.Module", "Get"}), "org.freedesktop.DBus.Error.Unknown"));
  CHECK(has(world->call({"/org/rbampd1", "org.freedesktop.DBus.Properties", "Set"}, "ssv", "org.rbampd1.Manager", "Problem", "s",
                        "none"),
            "org.freedesktop.DBus.Error.PropertyReadOnly"));
  CHECK(world->control.calls.empty());
}

TEST_CASE("what the daemon refuses has the name of its error and its words") {
  auto world = BusWorld::running();
  world->control.error = Error{Errc::ledger_full, Remedy::wait, "no space left; make room on /var"};
  const std::string expected = "org.rbampd1.Error.LedgerFull: no space left; make room on /var";
  CHECK(world->call(command("LatchNow")) == expected);
  CHECK(world->call(command("Reload")) == expected);
  CHECK(world->call(command("RestartModule"), "s", "mains") == expected);
  CHECK(world->call(command("Adjust"), "ssxxs", "a", "b", std::int64_t{1}, std::int64_t{0}, "why") == expected);
  CHECK(world->call(command("MeterChange"), "sa{sv}s", "a", 1, "ImportUwh", "x", std::int64_t{1}, "why") == expected);
  CHECK(world->call(command("BorrowBus"), "s", "main") == expected);
}

TEST_CASE("a slow daemon answers later, each caller its own question") {
  auto world = BusWorld::running();
  world->control.answers_later = true;
  const auto first = world->caller->begin(command("Reload"), "");
  const auto second = world->caller->begin(command("LatchNow"), "");
  world->until([&] { return world->control.waiting.size() == 2; });
  CHECK(has(world->get("Version"), "1.2.3"));  // meanwhile it answers others
  CHECK_FALSE(first->is_there);
  std::swap(world->control.waiting[0], world->control.waiting[1]);
  world->control.answer_next();
  CHECK(world->wait(second).empty());
  CHECK_FALSE(first->is_there);
  world->control.answer_next();
  CHECK(world->wait(first) == "'applied: names'");
}

TEST_CASE("an answer for a caller who has left, and one for a service that has gone, harm nobody") {
  auto world = BusWorld::running();
  world->control.answers_later = true;
  const auto first = world->caller->begin(command("Reload"), "");
  const auto second = world->caller->begin(command("LatchNow"), "");
  world->until([&] { return world->control.waiting.size() == 2; });
  world->caller = std::make_unique<Caller>(world->bus.address());
  world->control.answer_next();
  CHECK(world->get("State") == "'healthy'");
  world->service.reset();
  world->control.answer_next();
  CHECK(world->control.calls.size() == 2);
}

TEST_CASE("more requests than can be remembered are refused until some are answered") {
  auto world = BusWorld::running();
  world->control.answers_later = true;
  std::vector<std::shared_ptr<const Answer>> answers;
  for (int i = 0; i < 64; ++i) answers.push_back(world->caller->begin(command("LatchNow"), ""));
  world->until([&] { return world->control.waiting.size() == 64; });
  CHECK(has(world->call(command("Reload")), "org.rbampd1.Error.DaemonBusy"));
  CHECK(world->control.calls.size() == 64);
  world->control.answer_next();
  CHECK(world->wait(answers[0]).empty());
  const auto again = world->caller->begin(command("Reload"), "");
  world->until([&] { return world->control.calls.size() == 65; });
  CHECK_FALSE(again->is_there);
}

}  // namespace
}  // namespace rbamp::dbus
