// The numbers we answer for, in one run: a table for people and build/bench.json. Reports, judges nothing.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bench/fault_days.hpp"
#include "bench/ledger_years.hpp"
#include "bench/live_house.hpp"
#include "bench/live_process.hpp"
#include "bench/virtual_day.hpp"
#include "bench/wakeup_cost.hpp"
#include "component/fleet/kill_campaign.hpp"
#include "e2e/daemon/kill_nine.hpp"
#include "protocol/plan.hpp"

using namespace rbamp;
using namespace rbamp::bench;

namespace {

using Shape = simulator::LoadSettings::Shape;

simulator::LoadSettings load_of(Shape shape, double power_w, double other = 0.0) {
  simulator::LoadSettings load;
  load.shape = shape;
  load.power_w = power_w;
  if (shape == Shape::square) {
    load.low_w = other;
    load.period = std::chrono::milliseconds{7'300};  // in step with neither the windows nor the periods
  }
  if (shape == Shape::solar_day) load.offset_w = other;
  return load;
}

support::HouseSettings house_of(std::size_t modules, simulator::Variant variant, const simulator::LoadSettings& load,
                                std::chrono::nanoseconds window, bool broadcast) {
  support::HouseSettings settings;
  for (std::size_t i = 0; i < modules; ++i) {
    simulator::ModuleSettings module;
    module.address = I2cAddress{static_cast<std::uint8_t>(0x50 + i)};
    module.variant = variant;
    module.broadcast = broadcast;
    module.uptime = std::chrono::hours{1};
    module.window = window;
    for (std::size_t channel = 0; channel < simulator::channel_count(variant); ++channel) module.channels.push_back({{load}});
    settings.world.modules.push_back(module);
  }
  return settings;
}

constexpr std::chrono::nanoseconds in_step = std::chrono::milliseconds{200};
constexpr std::chrono::nanoseconds out_of_step = std::chrono::microseconds{199'203};  // 5.02 windows a second

void print(const DayReport& day) {
  std::printf(
      "%-34s error %9.6f %%  %5.1f transactions %6.0f bytes %6.2f ms bus per module and period, %7.0f us CPU %7.0f B disk per "
      "period, %5.2f s\n",
      day.name.c_str(), day.error_percent, day.transactions_per_module_period, day.bytes_per_module_period,
      day.bus_ms_per_module_period, day.cpu_us_per_period, day.disk_bytes_per_period, day.wall_s);
}

nlohmann::json as_json(const DayReport& day) {
  return {{"error_percent", day.error_percent},
          {"transactions_per_module_period", day.transactions_per_module_period},
          {"bytes_per_module_period", day.bytes_per_module_period},
          {"bus_ms_per_module_period", day.bus_ms_per_module_period},
          {"cpu_us_per_period", day.cpu_us_per_period},
          {"disk_bytes_per_period", day.disk_bytes_per_period},
          {"wall_s", day.wall_s},
          {"periods", day.periods}};
}

nlohmann::json bench_days() {
  const auto ui1 = simulator::Variant::ui1;
  const std::vector<std::pair<std::string, support::HouseSettings>> days{
      {"constant 1 kW", house_of(1, ui1, load_of(Shape::constant, 1000.0), out_of_step, false)},
      {"solar day over 500 W", house_of(1, ui1, load_of(Shape::solar_day, 3000.0, 500.0), out_of_step, false)},
      {"square, windows drift", house_of(1, ui1, load_of(Shape::square, 2000.0, 100.0), out_of_step, false)},
      {"square, latched in phase", house_of(1, ui1, load_of(Shape::square, 2000.0, 100.0), in_step, false)},
      {"16 UI3, sequential", house_of(16, simulator::Variant::ui3, load_of(Shape::constant, 500.0), in_step, false)},
      {"16 UI3, broadcast", house_of(16, simulator::Variant::ui3, load_of(Shape::constant, 500.0), in_step, true)},
  };
  nlohmann::json all;
  for (const auto& [name, settings] : days) {
    const auto report = run_day(name, settings);
    print(report);
    all[name] = as_json(report);
  }
  return all;
}

nlohmann::json bench_process(const std::string& program) {
  const auto report = run_process(program, 20, "");
  std::printf(
      "\nrbampd, 3 UI3, period 1 s, no MQTT: READY after %.0f ms, %.1f MB resident, %.2f ms CPU and %.0f bytes written per "
      "period, %.1f wake-ups/s, "
      "stopped in %.0f ms\n",
      report.ready_ms, report.resident_mb, report.cpu_ms_per_period, report.disk_bytes_per_period, report.wakeups_per_s,
      report.stop_ms);
  return {{"ready_ms", report.ready_ms},
          {"resident_mb", report.resident_mb},
          {"cpu_ms_per_period", report.cpu_ms_per_period},
          {"wakeups_per_s", report.wakeups_per_s},
          {"disk_bytes_per_period", report.disk_bytes_per_period},
          {"stop_ms", report.stop_ms}};
}

nlohmann::json bench_live() {
  std::printf("\n16 UI1 on two buses of 100 kHz, every window read, in real time:\n");
  std::fflush(stdout);
  nlohmann::json all;
  all["wakeup_us"] = wakeup_cost_us(10);
  std::printf("a thread that is woken to do nothing costs %.1f us CPU here\n", all["wakeup_us"].get<double>());
  for (const bool edges : {true, false}) {
    const auto report = run_live_house(20, edges, 8);
    std::printf(
        "%-14s %llu windows read, %llu missed, %.2f %% of a core, per reading %.1f us CPU, %.2f allocations, %.2f switches; %.2f "
        "s stolen",
        edges ? "by DRDY edges" : "by the clock", static_cast<unsigned long long>(report.windows_seen),
        static_cast<unsigned long long>(report.windows_missed), report.cpu_percent, report.cpu_us_per_reading,
        report.allocations_per_reading, report.switches_per_reading, report.stolen_s);
    if (edges) std::printf(", edge to read: median %.0f us, 99 %% within %.0f us", report.edge_median_us, report.edge_p99_us);
    std::printf("\n");
    auto& entry = all[edges ? "by_edges" : "by_clock"];
    entry = {{"windows_seen", report.windows_seen},
             {"windows_missed", report.windows_missed},
             {"cpu_percent", report.cpu_percent},
             {"cpu_us_per_reading", report.cpu_us_per_reading},
             {"allocations_per_reading", report.allocations_per_reading},
             {"switches_per_reading", report.switches_per_reading},
             {"stolen_s", report.stolen_s}};
    if (edges) {
      entry["edge_to_read_median_us"] = report.edge_median_us;
      entry["edge_to_read_p99_us"] = report.edge_p99_us;
    }
  }
  const auto alone = run_live_house(20, true, 1);
  std::printf("a module on each bus, by edges: edge to read median %.0f us, 99 %% within %.0f us\n", alone.edge_median_us,
              alone.edge_p99_us);
  all["one_module"] = {{"edge_to_read_median_us", alone.edge_median_us}, {"edge_to_read_p99_us", alone.edge_p99_us}};
  auto sign_change = load_of(Shape::square, 2000.0, -2000.0);
  sign_change.period = std::chrono::seconds{3};
  for (const auto& [name, load] :
       {std::pair{"solar day", load_of(Shape::solar_day, -3000.0, 300.0)}, std::pair{"square 3 s, +-2 kW", sign_change}}) {
    const auto report = run_export_day(load);
    std::printf(
        "export, %-20s error %9.6f %% against the windows, %9.6f %% against the physical truth; %.2f %% of reads failed\n", name,
        report.against_windows_percent, report.against_physical_percent, report.failed_percent);
    all["export"][name] = {{"error_percent", report.against_windows_percent},
                           {"physical_error_percent", report.against_physical_percent},
                           {"failed_reads_percent", report.failed_percent}};
  }
  return all;
}

nlohmann::json as_json(const FaultDay& day) {
  return {{"error_percent", day.error_percent},
          {"gap_s", day.gap_s},
          {"estimated_s", day.estimated_s},
          {"gap_truth_wh", day.gap_truth_wh},
          {"gap_bound_wh", day.gap_bound_wh},
          {"gap_bounds_hold", day.gap_bounds_hold},
          {"ledger_verifies", day.verifies},
          {"lines", day.lines},
          {"kills", day.kills},
          {"wall_s", day.wall_s}};
}

nlohmann::json as_json(const BrokerDay& broker) {
  return {{"outage_s", broker.outage_s},
          {"messages", broker.messages},
          {"shows_ledger_after_outage", broker.shows_ledger_after_outage},
          {"shows_ledger_at_end", broker.shows_ledger_at_end},
          {"registers_never_fell", broker.never_fell},
          {"energy_is_the_same_without_outage", broker.energy_is_the_same}};
}

void print(const BrokerDay& broker) {
  std::printf("  its broker was away for %.0f s: %zu messages, registers on the broker afterwards %s, at the end %s%s%s\n",
              broker.outage_s, broker.messages, broker.shows_ledger_after_outage ? "the ledger's" : "NOT THE LEDGER'S",
              broker.shows_ledger_at_end ? "the ledger's" : "NOT THE LEDGER'S", broker.never_fell ? "" : ", THEY FELL",
              broker.energy_is_the_same ? "; energy as without the outage" : "; ENERGY DIFFERS FROM THAT WITHOUT");
}

void print(const FaultDay& day) {
  std::printf("%-36s error %9.6f %%  gap %7.1f s, %8.2f Wh in them%s  estimated %7.1f s, %5zu lines%s, %5.2f s\n",
              day.name.c_str(), day.error_percent, day.gap_s, day.gap_truth_wh,
              day.gap_bounds_hold ? "" : " (BEYOND THEIR BOUNDS)", day.estimated_s, day.lines,
              day.verifies ? "" : " THAT DO NOT VERIFY", day.wall_s);
}

nlohmann::json bench_faults() {
  std::printf("\nEnergy outside gaps against the truth, a simulated day each, the worst of three modules:\n");
  std::fflush(stdout);
  nlohmann::json all;
  const auto bad = run_bad_day();
  print(bad);
  print(*bad.broker);
  all["bad_day"] = as_json(bad);
  all["bad_day"]["broker"] = as_json(*bad.broker);
  for (const auto& day : run_fault_days()) {
    print(day);
    all["each"][day.name] = as_json(day);
  }
  return all;
}

nlohmann::json bench_deaths(const std::string& rbampd, const std::string& rbampctl) {
  constexpr std::uint64_t houses = 100;
  constexpr int kills_per_house = 100;
  constexpr int real_kills = 200;
  std::printf("\n%d random deaths in virtual time, then %d kill -9 of the real process:\n",
              static_cast<int>(houses) * kills_per_house, real_kills);
  std::fflush(stdout);
  std::size_t findings = 0;
  std::size_t lines = 0;
  for (std::uint64_t seed = 1; seed <= houses; ++seed) {
    const auto report = support::run_kill_campaign(seed, kills_per_house);
    findings += report.findings.size();
    lines += report.lines.lines;
    if (!report.findings.empty()) std::printf("%s: %s\n", report.words.c_str(), report.findings.front().c_str());
  }
  const auto real = e2e::run_kill_nine(rbampd, rbampctl, real_kills, 1);
  for (const auto& finding : real.findings) std::printf("%s\n", finding.c_str());
  std::printf(
      "virtual: %zu lines, %zu of them wrong\n"
      "real: %d kills, %zu lines, %zu recovered, %zu wrong, %.3f Wh, error %.6f %%, the worst line %.0f %% of a window's "
      "quantisation, "
      "%.0f s\n",
      lines, findings, real.kills, real.lines, real.recovered, real.findings.size(), real.energy_wh, real.error_percent,
      real.worst_share * 100.0, real.wall_s);
  return {{"virtual", {{"kills", houses * kills_per_house}, {"lines", lines}, {"findings", findings}}},
          {"real",
           {{"kills", real.kills},
            {"lines", real.lines},
            {"recovered", real.recovered},
            {"findings", real.findings.size()},
            {"energy_wh", real.energy_wh},
            {"error_percent", real.error_percent},
            {"worst_share_of_quantisation", real.worst_share},
            {"wall_s", real.wall_s}}}};
}

nlohmann::json bench_ledger() {
  std::printf("\nA ledger of 48 channels, 60 s periods, 90 days of single periods kept:\n");
  std::fflush(stdout);
  const auto report = run_ledger_years();
  std::printf(
      "after a year %.1f MB: %.1f bytes per posting kept, %.1f of them its row, %.1f per posting booked\n"
      "a round of 16 modules, over a day: %.0f bytes written, its rows %.0f (x %.2f), %.2f syncs, %.2f ms CPU\n"
      "after ten years %.0f MB: opens in %.1f ms (cold %.1f), a day in quarter hours %.2f ms (cold %.1f), a year in days %.2f ms "
      "(cold %.1f)\n",
      report.file_mb, report.bytes_per_posting_kept, report.bytes_per_posting_row, report.bytes_per_posting_booked,
      report.written_per_round, report.rows_per_round, report.written_per_round / report.rows_per_round, report.syncs_per_round,
      report.cpu_ms_per_round, report.ten_years_mb, report.open_ms, report.open_cold_ms, report.day_in_quarter_hours_ms,
      report.day_in_quarter_hours_cold_ms, report.year_in_days_ms, report.year_in_days_cold_ms);
  return {{"year",
           {{"file_mb", report.file_mb},
            {"postings_booked", report.postings_booked},
            {"postings_kept", report.postings_kept},
            {"bytes_per_posting_kept", report.bytes_per_posting_kept},
            {"bytes_per_posting_row", report.bytes_per_posting_row},
            {"bytes_per_posting_booked", report.bytes_per_posting_booked},
            {"wall_s", report.year_s}}},
          {"round_of_16_modules",
           {{"bytes_written", report.written_per_round},
            {"row_bytes", report.rows_per_round},
            {"written_by_rows", report.written_per_round / report.rows_per_round},
            {"syncs", report.syncs_per_round},
            {"cpu_ms", report.cpu_ms_per_round}}},
          {"ten_years",
           {{"file_mb", report.ten_years_mb},
            {"open_ms", report.open_ms},
            {"open_cold_ms", report.open_cold_ms},
            {"day_in_quarter_hours_ms", report.day_in_quarter_hours_ms},
            {"day_in_quarter_hours_cold_ms", report.day_in_quarter_hours_cold_ms},
            {"year_in_days_ms", report.year_in_days_ms},
            {"year_in_days_cold_ms", report.year_in_days_cold_ms}}}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: rbamp_bench RBAMPD RBAMPCTL JSON [PART...]\n";
    return 64;
  }
  const std::vector<std::pair<std::string, std::function<nlohmann::json()>>> parts{
      {"days", bench_days},     {"live", bench_live},
      {"faults", bench_faults}, {"deaths", [&] { return bench_deaths(argv[1], argv[2]); }},
      {"ledger", bench_ledger}, {"process", [&] { return bench_process(argv[1]); }}};
  const std::vector<std::string> wanted(argv + 4, argv + argc);
  for (const auto& name : wanted) {
    if (std::any_of(parts.begin(), parts.end(), [&](const auto& part) { return part.first == name; })) continue;
    std::cerr << "bench: there is no part \"" << name << "\"; parts are";
    for (const auto& part : parts) std::cerr << ' ' << part.first;
    std::cerr << '\n';
    return 64;
  }
  try {
    std::cout << "Reads after a latch, direct:\n"
              << protocol::to_text(protocol::latch_plan(), false) << "\nafter a broadcast:\n"
              << protocol::to_text(protocol::latch_plan(), true) << "\nOne simulated day, 60 s periods, healthy bus at 100 kHz:\n"
              << std::flush;
    nlohmann::json all;
    const auto cost = protocol::cost_of(protocol::latch_plan(), true);
    all["latch_plan"] = {{"transactions", cost.transactions},
                         {"bits", cost.bits},
                         {"ms_at_100khz", static_cast<double>(cost.time_at(100'000).count()) / 1000.0}};
    for (const auto& [name, run] : parts) {
      if (wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end()) all[name] = run();
    }
    std::ofstream{argv[3]} << all.dump(2) << '\n';
    std::cout << "written to " << argv[3] << '\n';
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
