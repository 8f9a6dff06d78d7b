// What a metered module has averaged is booked before rbampctl resets it.
#include <nlohmann/json.hpp>
#include <sstream>

#include "ctl/closing_latch.hpp"

#include "commissioning/module_link.hpp"
#include "ctl/program.hpp"
#include "metering/book.hpp"
#include "storage/verify.hpp"
#include "workshop.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// A workshop whose ledger says that the module at 0x51 meters the place "boiler", and has since a minute ago.
class MeteredWorkshop {
 public:
  explicit MeteredWorkshop(const std::string& modules = one_module, const std::string& more = {}) : bench(modules) {
    bench.equip(modules, "[[module]]\nid = \"boiler\"\naddress = 0x51\nrole = \"load\"\n" + more);
    bench.clock.advance(minutes{5});
    const auto uid = bench.take_modules()->state(0).uid;
    auto opened = storage::Ledger::open(settings(), TimeZone::utc(), now()).value();
    metering::Account account =
        opened.ledger->open_account({"boiler", uid, {{ChannelIndex{0}, "ch0"}}, bench.clock.utc_now()}).value();
    metering::ClosedPeriod gap;
    gap.quality = metering::Quality::gap;
    gap.reason = metering::Reason::first_latch;
    gap.span.begin = now();
    bench.clock.advance(minutes{1});
    gap.span.end = now();
    gap.span.length = minutes{1};
    metering::ModuleCommit commit;
    commit.place = account.place;
    commit.module = account.module;
    commit.closings.push_back(metering::book(account, gap));
    REQUIRE(opened.ledger->commit({{commit}, metering::no_gc_tick}));
  }

  [[nodiscard]] storage::Settings settings() const {
    storage::Settings settings;
    settings.path = bench.folder.file("energy.db");
    return settings;
  }
  [[nodiscard]] metering::Instant now() const { return {BootId::of_host(), bench.clock.boot_now(), bench.clock.utc_now(), true}; }

  /// Latches and books once, as the commands do.
  Result<ctl::BookedPeriod> close() {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    ctl::Terminal terminal{in, out, err};
    ctl::Context context{terminal, bench.clock, {bench.folder.file("rbampd.toml"), {}, false}};
    auto access = ctl::BusAccess::open(context, {});
    if (!access) return failure(access.error());
    const auto module = commissioning::ModuleLink::open(access->station(), I2cAddress{0x51});
    if (!module) return failure(module.error());
    const auto claim = ctl::find_claim(context, module->identity().uid);
    if (!claim) return failure(claim.error());
    REQUIRE(claim->has_value());
    CHECK((*claim)->place_id == "boiler");
    return ctl::close_period(context, *access, *module, **claim);
  }

  Workshop bench;
};

}  // namespace

TEST_CASE("a period is closed with the energy of exactly the time since the last one") {
  MeteredWorkshop metered;
  const auto primer = metered.close();
  if (!primer) FAIL(primer.error().detail);
  CHECK(primer->channels.at(0).energy_import == MicroWattHours{});
  metered.bench.clock.advance(minutes{10});
  const auto booked = metered.close();
  if (!booked) FAIL(booked.error().detail);
  CHECK(booked->place == "boiler");
  const auto seconds_passed = static_cast<double>(booked->length.count()) / 1e6;
  CHECK(seconds_passed == Approx(600.0).epsilon(0.01));
  CHECK(booked->channels.at(0).energy_import.to_watt_hours().value() == Approx(1000.0 * seconds_passed / 3600.0).epsilon(0.001));
  CHECK(!storage::verify_ledger(metered.settings().path, {}).value().first_violation);
}

TEST_CASE("a reset of a metered module loses nothing that it had averaged") {
  MeteredWorkshop metered;
  REQUIRE(metered.close());
  metered.bench.clock.advance(minutes{30});
  const auto outcome = metered.bench.run({"reset", "boiler", "--yes", "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  const auto booked = outcome.json()["booked"];
  CHECK(booked["module"] == "boiler");
  CHECK(booked["channels"][0]["import_wh"].get<double>() ==
        Approx(1000.0 * booked["dt_s"].get<double>() / 3600.0).epsilon(0.001));
  CHECK(booked["dt_s"].get<double>() > 1800.0);
  const auto truth = metered.bench.take_modules()->truth(0);
  // What went with the reset is what it measured between the latch and the reset: less than a window.
  CHECK(truth.lost_in_reset.value() < 1000.0 * 0.4 / 3600.0);
  CHECK(metered.bench.run({"verify"}).status == 0);
}

TEST_CASE("while rbampd has the ledger nothing is reset, unless the loss is accepted") {
  MeteredWorkshop metered;
  const auto held = storage::Ledger::open(metered.settings(), TimeZone::utc(), metered.now()).value();
  const auto refused = metered.bench.run({"set", "label", "0x51", "attic", "--yes"});
  INFO(refused.err);
  CHECK(refused.status == 69);
  CHECK(refused.complains("rbampd has the ledger open"));
  CHECK(refused.complains("--lose-period"));
  CHECK(metered.bench.take_modules()->state(0).boots == 1);
  const auto accepted = metered.bench.run({"reset", "0x51", "--yes", "--lose-period"});
  CHECK(accepted.status == 0);
  CHECK(accepted.complains("is lost"));
  CHECK(metered.bench.take_modules()->state(0).boots == 2);
}

TEST_CASE("a module whose period cannot be booked is not written to before that is known") {
  MeteredWorkshop metered;
  const auto held = storage::Ledger::open(metered.settings(), TimeZone::utc(), metered.now()).value();
  const auto before = metered.bench.take_modules()->state(0).flash.cycles;
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"set", "group", "0x51", "7", "--yes"}, {"set", "address", "0x51", "0x60", "--yes"}}) {
    const auto outcome = metered.bench.run(command);
    INFO(outcome.err);
    CHECK(outcome.status == 69);
    CHECK(outcome.complains("Nothing was written to the module"));
    CHECK(!outcome.complains("stored"));
  }
  CHECK(metered.bench.take_modules()->state(0).flash.cycles == before);
  CHECK(metered.bench.take_modules()->state(0).boots == 1);
}

TEST_CASE("a reset of a module without a voltage input books nothing: it averages no power") {
  MeteredWorkshop metered{"[[simulator.module]]\naddress = 0x51\nvariant = \"I1\"\n[[simulator.module.load]]\npower_w = 1000\n",
                          "voltage_from = \"mains\"\n[[module]]\nid = \"mains\"\naddress = 0x50\n"};
  const auto before = metered.bench.run({"export", "--no-head"}).out;
  metered.bench.clock.advance(minutes{30});
  const auto outcome = metered.bench.run({"reset", "boiler", "--yes", "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.json()["booked"].is_null());
  CHECK(metered.bench.run({"export", "--no-head"}).out == before);
  CHECK(metered.bench.take_modules()->state(0).boots == 2);
}

TEST_CASE("a module that no ledger knows has nothing to book") {
  Workshop bench{one_module};
  const auto outcome = bench.run({"reset", "0x51", "--yes", "--json"});
  CHECK(outcome.status == 0);
  CHECK(outcome.json()["booked"].is_null());
  CHECK(bench.run({"reset", "0x51"}).status == 64);
  CHECK(bench.run({"reset", "0x51"}, "n\n").status == 1);
}
