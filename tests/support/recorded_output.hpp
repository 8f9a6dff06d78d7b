// An output that keeps what it was told.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "metering/output.hpp"

namespace rbamp::support {

class RecordedOutput final : public metering::Output {
 public:
  void describe(const metering::ModuleDescription& module) override { descriptions[module.id] = module; }
  void set_reachable(const std::string& module_id, bool reachable) override {
    is_reachable[module_id] = reachable;
    reachability.push_back({module_id, reachable});
  }
  void live(const metering::Reading& reading) override {
    readings[reading.module_id] = reading;
    ++reading_count;
  }
  void committed(const metering::CommittedModule& module) override {
    for (const auto& now : module.registers) {
      auto& last = registers[module.module_id + "/" + now.channel_id];
      if (now.energy_import < last.energy_import || now.energy_export < last.energy_export) fell = true;
      last = now;
    }
    postings += module.postings.size();
  }
  void daemon_state(const metering::DaemonState& now) override { state = now; }
  void removed(const std::string& module_id) override { gone.push_back(module_id); }
  void event(const metering::Event& event) override { events.push_back(event); }

  std::map<std::string, metering::ModuleDescription> descriptions;
  std::map<std::string, bool> is_reachable;
  std::vector<std::pair<std::string, bool>> reachability;
  std::map<std::string, metering::Reading> readings;
  std::map<std::string, metering::RegisterReading> registers;
  metering::DaemonState state;
  std::vector<metering::Event> events;
  std::vector<std::string> gone;
  std::size_t reading_count = 0;
  std::size_t postings = 0;
  bool fell = false;
};

}  // namespace rbamp::support
