#include "fleet/drdy_lines.hpp"

#include <algorithm>

namespace rbamp::fleet {

DrdyLines::DrdyLines(std::vector<Line> lines, const Environment& environment) {
  std::vector<I2cAddress> own;
  for (auto& line : lines) {
    if (line.owner) own.push_back(*line.owner);
    const auto owner = line.owner;
    auto& sampler = environment.sampler;
    DrdyWatch::Events events;
    events.met = [read = sampler.edge_reader(), owner](const std::vector<BootTime>& fell) { read(owner, fell); };
    events.edge = [&sampler, owner](const gpio::Edges& edges) {
      for (const auto at : edges.fell) sampler.edge(owner, at);
    };
    events.follow = [&sampler, owner](bool yes) { sampler.follow_edges(owner, yes); };
    events.held = [held = environment.held, owner] { held(owner); };
    DrdyWatch::Settings settings{environment.bus, line.subject, 0};
    lines_.push_back(
        {owner, std::make_unique<DrdyWatch>(std::move(settings), std::move(line.open), environment.watches, std::move(events))});
  }
  environment.sampler.set_own_lines(std::move(own));
}

void DrdyLines::start() {
  for (const auto& line : lines_) line.watch->start();
}

void DrdyLines::set_modules(const std::vector<Module*>& modules) {
  const auto has_line = [this](const Module* module) {
    return std::any_of(lines_.begin(), lines_.end(), [&](const Watched& line) { return line.owner == module->address(); });
  };
  for (const auto& line : lines_) {
    const auto count = std::count_if(modules.begin(), modules.end(), [&](const Module* module) {
      return line.owner ? line.owner == module->address() : !has_line(module);
    });
    line.watch->set_modules(static_cast<std::size_t>(count));
  }
}

DrdyLines::State DrdyLines::state() const {
  const auto any = [this](auto is) {
    return std::any_of(lines_.begin(), lines_.end(), [&](const Watched& line) { return is(*line.watch); });
  };
  if (lines_.empty()) return State::none;
  if (any([](const DrdyWatch& watch) { return watch.is_held(); })) return State::held;
  if (any([](const DrdyWatch& watch) { return !watch.is_trusted(); })) return State::silent;
  return State::edges;
}

std::optional<std::uint64_t> DrdyLines::lost() const {
  if (lines_.empty()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const auto& line : lines_) sum += line.watch->lost();
  return sum;
}

}  // namespace rbamp::fleet
