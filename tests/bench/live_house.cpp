#include "bench/live_house.hpp"

#include <sys/resource.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <vector>

#include "bench/allocation_count.hpp"
#include "bench/cpu_time.hpp"
#include "loop/loop.hpp"
#include "loop/worker_thread.hpp"
#include "support/house.hpp"

namespace rbamp::bench {
namespace {

using std::chrono::seconds;

/// Processor time and allocations of the simulated modules, which stand where the kernel and the wire would be.
class SimulatorCost {
 public:
  template <class Work>
  auto measured(Work&& work) {
    const double begin = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    const auto allocated = allocation_count_of_thread();
    auto result = work();
    allocations_ += allocation_count_of_thread() - allocated;
    nanoseconds_ += std::llround((cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - begin) * 1e9);
    return result;
  }
  [[nodiscard]] double seconds() const { return static_cast<double>(nanoseconds_.load()) * 1e-9; }
  [[nodiscard]] std::uint64_t allocations() const { return allocations_.load(); }

 private:
  std::atomic<long long> nanoseconds_{0};
  std::atomic<std::uint64_t> allocations_{0};
};

/// What the process used so far, without the simulated modules, and what the whole machine did not get.
struct Cost {
  double cpu_s = 0.0;
  double allocations = 0.0;
  double switches = 0.0;
  double stolen_s = 0.0;
};

Cost cost_until_now(const SimulatorCost& simulator) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - simulator.seconds(),
          static_cast<double>(allocation_count() - simulator.allocations()), static_cast<double>(usage.ru_nvcsw),
          stolen_seconds()};
}

class TimedBus final : public bus::I2cBus {
 public:
  TimedBus(std::unique_ptr<bus::I2cBus> inner, SimulatorCost& cost) : inner_(std::move(inner)), cost_(cost) {}
  [[nodiscard]] Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) override {
    return cost_.measured([&] { return inner_->read(module, reg, into); });
  }
  [[nodiscard]] Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) override {
    return cost_.measured([&] { return inner_->write(to, bytes); });
  }
  [[nodiscard]] bus::Capabilities capabilities() const override { return inner_->capabilities(); }
  [[nodiscard]] std::string describe() const override { return inner_->describe(); }

 private:
  std::unique_ptr<bus::I2cBus> inner_;
  SimulatorCost& cost_;
};

class TimedLine final : public gpio::DrdyLine {
 public:
  TimedLine(std::unique_ptr<gpio::DrdyLine> inner, SimulatorCost& cost) : inner_(std::move(inner)), cost_(cost) {}
  [[nodiscard]] int fd() const override { return inner_->fd(); }
  [[nodiscard]] Result<gpio::Edges> drain() override {
    return cost_.measured([&] { return inner_->drain(); });
  }
  [[nodiscard]] Result<bool> is_low() const override {
    return cost_.measured([&] { return inner_->is_low(); });
  }
  [[nodiscard]] std::string describe() const override { return inner_->describe(); }

 private:
  std::unique_ptr<gpio::DrdyLine> inner_;
  SimulatorCost& cost_;
};

/// Another value in each window, as every real load has.
simulator::LoadSettings solar() {
  simulator::LoadSettings load;
  load.shape = simulator::LoadSettings::Shape::solar_day;
  load.power_w = -3000.0;
  load.offset_w = 300.0;
  return load;
}

simulator::ModuleSettings ui1(std::string bus, I2cAddress address, const simulator::LoadSettings& load) {
  simulator::ModuleSettings module;
  module.bus = std::move(bus);
  module.address = address;
  module.uptime = std::chrono::hours{1};
  module.channels.push_back({{load}});
  return module;
}

// Past the start, and past the time in which modules on a shared line find their edges: reads creep through a window in 20 s.
constexpr Microseconds settling = seconds{30};
const std::vector<std::string> bus_names{"north", "south"};

/// The fleet as the daemon builds it: a worker for each bus, all state on the loop.
class LiveHouse {
 public:
  LiveHouse(bool edges, std::size_t modules_per_bus) : modules_per_bus_(modules_per_bus) {
    simulator::WorldSettings settings;
    settings.time_of_day = std::chrono::hours{10};
    for (const auto& bus : bus_names) {
      for (std::size_t i = 0; i < modules_per_bus_; ++i)
        settings.modules.push_back(ui1(bus, I2cAddress{static_cast<std::uint8_t>(0x50 + i)}, solar()));
    }
    auto world = simulator::World::create(settings, loop_.clock());
    if (!world) throw std::runtime_error(world.error().detail);
    world_ = std::move(*world);
    bookkeeper_ = std::make_unique<daemon::Bookkeeper>(ledger_, storage_, loop_, output_, log_, [] {});
    fleet_ = std::make_unique<fleet::Fleet>(fleet::Fleet::Settings{seconds{60}, TimeZone::utc(), BootId{BootId::Bytes{7}}},
                                            fleet::Fleet::Environment{loop_, *bookkeeper_, output_, log_}, [] {});
    for (std::size_t bus = 0; bus < bus_names.size(); ++bus) add_bus(bus, edges);
  }

  LiveReport run(Microseconds time) {
    fleet_->start();
    loop::Timer begin = loop_.call_after(settling, [this] { began(); });
    loop::Timer end = loop_.call_after(settling + time, [this] { loop_.quit(); });
    loop_.run();
    LiveReport report;
    const auto [seen, missed] = windows();
    report.windows_seen = seen - seen_;
    report.windows_missed = missed - missed_;
    const Cost cost = cost_until_now(simulator_);
    const double cpu = cost.cpu_s - cost_.cpu_s;
    const auto readings = static_cast<double>(std::max<std::uint64_t>(report.windows_seen, 1));
    report.cpu_percent = cpu / std::chrono::duration<double>(time).count() * 100.0;
    report.cpu_us_per_reading = cpu * 1e6 / readings;
    report.allocations_per_reading = (cost.allocations - cost_.allocations) / readings;
    report.switches_per_reading = (cost.switches - cost_.switches) / readings;
    report.stolen_s = cost.stolen_s - cost_.stolen_s;
    for (const auto& name : bus_names) {
      const auto& latency = fleet_->find_bus(name)->edge_latency();
      const auto us = [&](double share) {
        return static_cast<double>(latency.quantile(share).value_or(Microseconds::zero()).count());
      };
      report.edge_median_us = std::max(report.edge_median_us, us(0.5));
      report.edge_p99_us = std::max(report.edge_p99_us, us(0.99));
    }
    for (auto& worker : workers_) {
      if (!worker->stop(seconds{5})) throw std::runtime_error("a bus does not come to rest");
    }
    return report;
  }

 private:
  void add_bus(std::size_t index, bool edges) {
    const std::string& name = bus_names[index];
    fleet::BusFleet::Settings settings;
    settings.name = name;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < modules_per_bus_; ++i) {
      const I2cAddress address{static_cast<std::uint8_t>(0x50 + i)};
      settings.assignments.push_back(
          {address, name + std::to_string(i), "Module " + to_string(address), metering::Role::grid, {}, {}});
      numbers.push_back(index * modules_per_bus_ + i);
    }
    if (edges) {
      settings.drdy_lines.push_back({std::nullopt, "Bus " + name, [this, numbers]() -> Result<std::unique_ptr<gpio::DrdyLine>> {
                                       return std::unique_ptr<gpio::DrdyLine>{std::make_unique<TimedLine>(
                                           world_->drdy(numbers, simulator::DrdyWake::by_timer), simulator_)};
                                     }});
    }
    auto open = [inner = simulator::open_in(*world_, name), this]() -> Result<std::unique_ptr<bus::I2cBus>> {
      auto opened = inner();
      if (!opened) return failure(std::move(opened.error()));
      return std::unique_ptr<bus::I2cBus>{std::make_unique<TimedBus>(std::move(*opened), simulator_)};
    };
    stations_.push_back(std::make_unique<fleet::BusStation>(name, std::move(open), loop_.clock()));
    workers_.push_back(std::make_unique<loop::WorkerThread>("bus-" + name));
    fleet_->add_bus(std::move(settings), *stations_.back(), *workers_.back());
  }

  void began() {
    const auto [seen, missed] = windows();
    seen_ = seen;
    missed_ = missed;
    cost_ = cost_until_now(simulator_);
  }

  [[nodiscard]] fleet::LiveSampler::Windows windows() {
    fleet::LiveSampler::Windows sum;
    for (const auto& name : bus_names) {
      const auto one = fleet_->find_bus(name)->windows();
      sum.seen += one.seen;
      sum.missed += one.missed;
    }
    return sum;
  }

  std::size_t modules_per_bus_;
  loop::Loop loop_;
  support::MemorySink sink_;
  log::Logger log_{sink_, log::Level::info};
  support::RecordedOutput output_;
  support::MemoryLedger ledger_;
  loop::InlineExecutor storage_;
  SimulatorCost simulator_;
  std::unique_ptr<simulator::World> world_;
  std::vector<std::unique_ptr<fleet::BusStation>> stations_;
  std::vector<std::unique_ptr<loop::WorkerThread>> workers_;
  std::unique_ptr<daemon::Bookkeeper> bookkeeper_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::uint64_t seen_ = 0;
  std::uint64_t missed_ = 0;
  Cost cost_;  ///< at the begin
};

double percent(double booked, double truth) { return truth > 0.0 ? (booked - truth) / truth * 100.0 : 0.0; }

}  // namespace

LiveReport run_live_house(int seconds, bool edges, std::size_t modules_per_bus) {
  return LiveHouse{edges, modules_per_bus}.run(std::chrono::seconds{seconds});
}

ExportReport run_export_day(const simulator::LoadSettings& load) {
  support::HouseSettings settings;
  settings.role = metering::Role::grid;
  settings.world.modules.push_back(ui1("main", I2cAddress{0x50}, load));
  simulator::Fault nacks;
  nacks.kind = simulator::FaultKind::nack_address;
  nacks.value = 0.215;  // three attempts fail once in a hundred reads
  settings.world.faults.push_back(nacks);
  support::House house{settings};
  house.start();
  house.run_for(std::chrono::minutes{2});
  const auto place = support::House::place(I2cAddress{0x50});
  // Lines end at full minutes, and so do both looks at the truth: a window at either end is all they can differ by.
  const auto exported = [&] { return house.ledger().registers(place, "ch0").energy_export.to_watt_hours().value(); };
  const auto to_next_line = [&] {
    const auto lines = house.ledger().closings(place).size();
    while (house.ledger().closings(place).size() == lines) house.run_for(std::chrono::milliseconds{20});
  };
  to_next_line();
  const double booked_before = exported();
  const auto before = house.world().truth(0);
  const auto& counters = house.fleet().find_bus("main")->station().counters();
  house.run_for(std::chrono::hours{24});
  to_next_line();
  const auto after = house.world().truth(0);
  const double booked = exported() - booked_before;
  ExportReport report;
  report.against_windows_percent = percent(booked, (after.windowed_export - before.windowed_export).value());
  report.against_physical_percent = percent(booked, (after.physical_export - before.physical_export).value());
  const auto windows = house.fleet().find_bus("main")->windows();
  report.failed_percent =
      100.0 * static_cast<double>(counters.exhausted.load()) / static_cast<double>(windows.seen + windows.missed);
  return report;
}

}  // namespace rbamp::bench
