#include "log/flood_gate.hpp"

#include <chrono>

#include "log/fields.hpp"
#include "log/message_ids.hpp"
#include "support/catch.hpp"
#include "support/memory_sink.hpp"

namespace rbamp::log {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// A logger of a daemon at level info, in virtual time.
struct Journal {
  ManualClock clock;
  support::MemorySink sink;
  Logger log{sink, Level::info};

  Journal() { log.hold_back_floods(clock); }
  void lose(const std::string& module) {
    log.warning("Module \"" + module + "\" is lost", {{field::module, module}, {field::bus, "main"}}, message_id::module_lost);
  }
  [[nodiscard]] std::size_t lines() const { return sink.entries().size(); }
};

TEST_CASE("what happens a few times is told each time, word by word") {
  Journal journal;
  for (int i = 0; i < 4; ++i) {
    journal.lose("mains");
    journal.clock.advance(minutes{10});
  }
  REQUIRE(journal.lines() == 4);
  for (const auto& entry : journal.sink.entries()) CHECK(entry.message == "Module \"mains\" is lost");
}

TEST_CASE("what repeats each minute is told a few times a day, and says so, and how many there were") {
  Journal journal;
  for (int i = 0; i < 24 * 60; ++i) {
    journal.lose("mains");
    journal.clock.advance(minutes{1});
  }
  const auto entries = journal.sink.entries();
  REQUIRE(entries.size() >= 8);
  CHECK(entries.size() <= 11);
  CHECK(entries[4].message.find("from here on") != std::string::npos);
  CHECK(entries[5].message == "Module \"mains\" is lost (235 more like this since the last one shown)");  // four hours later
}

TEST_CASE("a module that is told all day does not silence another one") {
  Journal journal;
  for (int i = 0; i < 24 * 60; ++i) {
    journal.lose("mains");
    journal.clock.advance(minutes{1});
  }
  journal.sink.clear();
  journal.lose("heat_pump");
  REQUIRE(journal.lines() == 1);
  CHECK(journal.sink.entries()[0].message == "Module \"heat_pump\" is lost");
}

TEST_CASE("sixteen modules that come and go each minute for a week stay below 100 lines a day") {
  Journal journal;
  for (int day = 0; day < 7; ++day) {
    journal.sink.clear();
    for (int minute = 0; minute < 24 * 60; ++minute) {
      for (int module = 0; module < 16; ++module) {
        journal.lose("m" + std::to_string(module));
        journal.log.info("back", {{field::module, "m" + std::to_string(module)}}, message_id::module_back);
      }
      journal.clock.advance(minutes{1});
    }
    INFO("day " << day);
    CHECK(journal.lines() <= 100);
    CHECK(journal.lines() >= 20);
  }
}

TEST_CASE("after a quiet day everything is told again") {
  Journal journal;
  for (int i = 0; i < 100; ++i) journal.lose("mains");
  journal.clock.advance(hours{24});
  journal.sink.clear();
  for (int i = 0; i < 4; ++i) journal.lose("mains");
  REQUIRE(journal.lines() == 4);
  CHECK(journal.sink.entries()[0].message == "Module \"mains\" is lost (95 more like this since the last one shown)");
  CHECK(journal.sink.entries()[1].message == "Module \"mains\" is lost");
}

TEST_CASE("a start, a stop, a refused configuration and what a person does with a whole program are told each time") {
  Journal journal;
  for (int i = 0; i < 50; ++i) {
    journal.log.info("Ready", {}, message_id::started);
    journal.log.error("Not reloaded", {}, message_id::config_refused);
    journal.log.info("a sentence without an id");
  }
  CHECK(journal.lines() == 150);
}

TEST_CASE("two sentences with one id do not share a budget: what the ledger lacks is told after a day of a flapping disk") {
  Journal journal;
  for (int i = 0; i < 1000; ++i) {
    journal.log.error("The ledger cannot be written: disk full", {}, message_id::ledger_fault);
    journal.clock.advance(minutes{1});
  }
  journal.sink.clear();
  journal.log.error("Not stored: 3 periods of \"mains\"", {}, message_id::ledger_fault);
  CHECK(journal.lines() == 1);
}

TEST_CASE("two sentences about one module do not share a budget, whether they have an id or not") {
  Journal journal;
  for (int i = 0; i < 100; ++i) journal.log.info("command over MQTT: restart module mains", {{field::module, "mains"}});
  journal.sink.clear();
  journal.log.info("Module \"mains\" is no longer metered here", {{field::module, "mains"}});
  journal.log.warning("Module \"mains\" has no sensor class", {{field::module, "mains"}}, message_id::setup_missing);
  CHECK(journal.lines() == 2);
}

TEST_CASE("at level debug nothing is missing") {
  Journal journal;
  journal.log.set_threshold(Level::debug);
  for (int i = 0; i < 100; ++i) journal.lose("mains");
  CHECK(journal.lines() == 100);
  CHECK(journal.sink.count(Level::debug) == 95);
}

TEST_CASE("a clock that has not moved, or is young, holds back nothing that comes first") {
  Journal journal;
  journal.lose("a");
  journal.lose("b");
  journal.log.error("The bus is gone", {{field::bus, "main"}}, message_id::bus_lost);
  CHECK(journal.lines() == 3);
}

}  // namespace
}  // namespace rbamp::log
