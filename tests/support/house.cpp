#include "support/house.hpp"

namespace rbamp::support {

struct House::Process {
  explicit Process(House& house) {
    bookkeeper = std::make_unique<daemon::Bookkeeper>(*house.ledger_, house.executor_, house.loop_, house.outputs_, house.logger_,
                                                      [&house] { house.unusable_ledger(); });
    fleet = std::make_unique<fleet::Fleet>(fleet::Fleet::Settings{house.settings_.period, TimeZone::utc(), house.boot_},
                                           fleet::Fleet::Environment{house.loop_, *bookkeeper, house.outputs_, house.logger_,
                                                                     house.settings_.keeps_live ? &house.live_keeper_ : nullptr},
                                           [] {});
    std::map<std::string, fleet::BusFleet::Settings> buses;
    for (const auto& module : house.settings_.world.modules) {
      auto& bus = buses[module.bus];
      bus.name = module.bus;
      bus.latch = house.settings_.latch;
      bus.is_automatic = house.settings_.is_automatic;
      bus.show_every = house.settings_.show_every;
      if (house.settings_.is_automatic) continue;
      fleet::Assignment assignment{
          module.address, place(module.address), "Module " + to_string(module.address), house.settings_.role, {}, {}};
      if (const auto role = house.settings_.roles.find(module.address); role != house.settings_.roles.end())
        assignment.role = role->second;
      if (const auto pin = house.settings_.pinned.find(module.address); pin != house.settings_.pinned.end())
        assignment.pinned = pin->second;
      if (const auto named = house.settings_.channels.find(module.address); named != house.settings_.channels.end())
        assignment.channels = named->second;
      if (const auto from = house.settings_.voltage_from.find(module.address); from != house.settings_.voltage_from.end())
        assignment.voltage_from = fleet::VoltageSource{place(from->second.first), from->second.second};
      if (const auto first = house.settings_.export_register.find(module.address); first != house.settings_.export_register.end())
        assignment.export_register = first->second;
      for (const auto& [user, from] : house.settings_.voltage_from)
        assignment.lends_voltage = assignment.lends_voltage || from.first == module.address;
      bus.assignments.push_back(std::move(assignment));
    }
    for (auto& [name, bus] : buses) {
      stations.push_back(std::make_unique<fleet::BusStation>(name, simulator::open_in(*house.world_, name), house.clock_));
      house.connect_lines(bus);
      fleet->add_bus(std::move(bus), *stations.back(), house.executor_);
    }
  }
  std::vector<std::unique_ptr<fleet::BusStation>> stations;
  std::unique_ptr<daemon::Bookkeeper> bookkeeper;
  std::unique_ptr<fleet::Fleet> fleet;
};

House::House(HouseSettings settings, metering::Ledger* ledger)
    : settings_(std::move(settings)),
      loop_(clock_),
      executor_(
          loop_, [this](int fd, std::function<bool()> ready) { return watch_readable(fd, std::move(ready)); },
          [this] {
            for (const auto& line : lines_) line->serve();
          }),
      ledger_(ledger) {
  auto built = simulator::World::create(settings_.world, clock_);
  if (!built) throw std::runtime_error(built.error().detail);
  world_ = std::move(*built);
  for (const auto& line : settings_.drdy)
    lines_.push_back(std::make_unique<VirtualDrdy>(world_->drdy(line.modules, simulator::DrdyWake::by_hand), loop_));
  if (ledger_ == nullptr) ledger_ = &memory_;
  outputs_.add(output_);
}

House::~House() = default;

void House::start() {
  process_ = std::make_unique<Process>(*this);
  process_->fleet->start();
}

void House::kill() { process_.reset(); }

void House::stop() {
  bool done = false;
  process_->fleet->finish([&] { done = true; });
  for (int i = 0; i < 200 && !done; ++i) loop_.run_for(std::chrono::milliseconds{10});
  if (!done) throw std::runtime_error("the last round did not end");
  process_.reset();
}

void House::inject(simulator::FaultKind kind, I2cAddress module, Microseconds lasting) {
  simulator::Fault fault;
  fault.kind = kind;
  fault.module = module;
  fault.lasting = lasting;
  world_->inject_now(fault);
}

bool House::run_until_killed(Microseconds time) {
  try {
    loop_.run_for(time);
    return false;
  } catch (const Killed&) {
    kill();
    return true;
  }
}

fleet::Fleet& House::fleet() { return *process_->fleet; }

daemon::Bookkeeper& House::bookkeeper() { return *process_->bookkeeper; }

void House::connect_lines(fleet::BusFleet::Settings& bus) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const auto& wiring = settings_.drdy[i];
    if (wiring.bus != bus.name) continue;
    const std::string subject = wiring.owner ? "Module \"" + place(*wiring.owner) + "\"" : "Bus \"" + bus.name + "\"";
    bus.drdy_lines.push_back(
        {wiring.owner, subject, [line = lines_[i].get()]() -> Result<std::unique_ptr<gpio::DrdyLine>> { return line->open(); }});
  }
}

loop::Watch House::watch_readable(int fd, std::function<bool()> ready) {
  for (const auto& line : lines_) {
    if (line->fd() == fd) return line->watch(std::move(ready));
  }
  throw std::logic_error("no line has this descriptor");
}

}  // namespace rbamp::support
