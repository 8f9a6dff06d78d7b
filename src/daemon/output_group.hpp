// Several outputs as one: each gets every call, in the order in which they were added.
#pragma once

#include <vector>

#include "metering/output.hpp"

namespace rbamp::daemon {

class OutputGroup final : public metering::Output {
 public:
  /// `output` must outlive the group.
  void add(metering::Output& output) { outputs_.push_back(&output); }
  void remove(metering::Output& output) { std::erase(outputs_, &output); }

  void describe(const metering::ModuleDescription& module) override {
    for (auto* output : outputs_) output->describe(module);
  }
  void set_reachable(const std::string& module_id, bool reachable) override {
    for (auto* output : outputs_) output->set_reachable(module_id, reachable);
  }
  void live(const metering::Reading& reading) override {
    for (auto* output : outputs_) output->live(reading);
  }
  void committed(const metering::CommittedModule& module) override {
    for (auto* output : outputs_) output->committed(module);
  }
  void daemon_state(const metering::DaemonState& state) override {
    for (auto* output : outputs_) output->daemon_state(state);
  }
  void removed(const std::string& module_id) override {
    for (auto* output : outputs_) output->removed(module_id);
  }
  void event(const metering::Event& event) override {
    for (auto* output : outputs_) output->event(event);
  }
  void demand(const metering::DemandReport& report) override {
    for (auto* output : outputs_) output->demand(report);
  }
  void settings(const metering::ModuleSettings& settings) override {
    for (auto* output : outputs_) output->settings(settings);
  }

 private:
  std::vector<metering::Output*> outputs_;
};

}  // namespace rbamp::daemon
