#include "ctl/status_view.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/energy_text.hpp"
#include "ctl/json_text.hpp"
#include "ctl/table.hpp"
#include "ctl/time_text.hpp"
#include "metering/ruler_check.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

std::string age_text(const std::optional<Microseconds>& age) {
  if (!age) return "-";
  const auto tenths = std::chrono::floor<std::chrono::milliseconds>(*age).count() / 100;
  if (tenths < 600) return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  return length_text(std::chrono::floor<std::chrono::seconds>(*age));
}

std::string kwh_or_dash(const std::optional<MicroWattHours>& energy) { return energy ? rounded(*energy, EnergyUnit::kwh) : "-"; }

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  const auto thousandths = (part * 100'000 + whole / 2) / whole;
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%u.%03u %%", static_cast<unsigned>(thousandths / 1000),
                      static_cast<unsigned>(thousandths % 1000));
  return text.data();
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::uint64_t kib = 1024;
  if (bytes < 10 * kib) return std::to_string(bytes) + " bytes";
  if (bytes < 10 * kib * kib) return std::to_string(bytes / kib) + " KiB";
  return std::to_string(bytes / kib / kib) + " MiB";
}

void print_modules(const StatusPicture& picture, std::ostream& out) {
  using Align = Table::Align;
  Table table{{{"module"},
               {"state"},
               {"window", Align::right},
               {"booked", Align::right},
               {"errors", Align::right},
               {"retries", Align::right},
               {"missed windows", Align::right}}};
  for (const auto& module : picture.status.modules) {
    table.add({printable(module.id), module.problem.empty() ? "ok" : printable(module.problem), age_text(module.window_age),
               age_text(module.period_age), std::to_string(module.errors), std::to_string(module.retries),
               share(module.windows_missed, module.windows_seen + module.windows_missed)});
  }
  table.print(out, 2);
}

void print_energy(const StatusPicture& picture, std::ostream& out) {
  using Align = Table::Align;
  Table table{{{"channel"},
               {"import today", Align::right},
               {"export today", Align::right},
               {"import", Align::right},
               {"export", Align::right},
               {""}}};
  for (const auto& module : picture.status.modules) {
    for (const auto& channel : module.channels) {
      const auto name = module.id + "/" + channel.id;
      const auto today = picture.today.find(name);
      const bool is_known = today != picture.today.end();
      table.add({printable(name), is_known ? rounded(today->second.energy_import, EnergyUnit::kwh) : "-",
                 is_known ? rounded(today->second.energy_export, EnergyUnit::kwh) : "-", kwh_or_dash(channel.energy_import),
                 kwh_or_dash(channel.energy_export), "kWh"});
    }
  }
  table.print(out, 2);
}

/// Only what the event would tell, too: the noise of a healthy module is no news.
void print_rulers(const dbus::Status& status, std::ostream& out) {
  for (const auto& module : status.modules) {
    for (const auto& channel : module.channels) {
      const auto off = channel.ruler_ratio.value_or(1.0) - 1.0;
      if (std::abs(off) <= metering::RulerCheck::tolerance) continue;
      std::array<char, 32> percent{};
      (void)std::snprintf(percent.data(), percent.size(), "%.1f %%", std::abs(off) * 100.0);
      out << "  " << printable(module.id + "/" + channel.id) << ": the live power adds up to " << percent.data()
          << (off > 0.0 ? " more" : " less") << " than the module's own average, which is what is booked\n";
    }
  }
}

void print_buses(const dbus::Status& status, std::ostream& out) {
  for (const auto& bus : status.buses) {
    out << "  bus " << printable(bus.name) << " (" << bus.driver << (bus.device.empty() ? "" : ", " + printable(bus.device))
        << "): " << (bus.is_open ? "open" : "not open") << ", " << bus.transactions << " transfers, "
        << share(bus.retries, bus.transactions) << " repeated, " << bus.errors << " failed, DRDY: " << bus.drdy;
    if (bus.edges_lost.value_or(0) > 0) out << ", " << *bus.edges_lost << " edges lost";
    if (bus.edge_latency_median && bus.edge_latency_p99) {
      out << ", read " << bus.edge_latency_median->count() << " us after the edge (99 % within " << bus.edge_latency_p99->count()
          << " us)";
    }
    out << '\n';
    if (!bus.problem.empty()) out << "    " << printable(bus.problem) << '\n';
    if (!bus.overload.empty()) out << "    " << printable(bus.overload) << '\n';
  }
}

Json or_null(const std::optional<Microseconds>& age) {
  return age ? Json(std::chrono::duration<double>{*age}.count()) : Json(nullptr);
}

template <class Number>
Json or_null(const std::optional<Number>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json or_null(const std::optional<MicroWattHours>& energy) { return energy ? Json(wh_number(*energy)) : Json(nullptr); }

Json module_json(const dbus::ModuleStatus& module, const Today& today) {
  Json channels = Json::array();
  for (const auto& channel : module.channels) {
    const auto day = today.find(module.id + "/" + channel.id);
    const bool is_known = day != today.end();
    channels.push_back(Json{{"id", channel.id},
                            {"name", channel.name},
                            {"import_wh", or_null(channel.energy_import)},
                            {"export_wh", or_null(channel.energy_export)},
                            {"import_today_wh", is_known ? Json(wh_number(day->second.energy_import)) : Json(nullptr)},
                            {"export_today_wh", is_known ? Json(wh_number(day->second.energy_export)) : Json(nullptr)},
                            {"ruler_ratio", or_null(channel.ruler_ratio)},
                            {"period_ruler_ratio", or_null(channel.period_ruler_ratio)}});
  }
  return Json{{"id", module.id},
              {"name", module.name},
              {"role", module.role},
              {"uid", module.uid},
              {"variant", module.variant},
              {"firmware", module.firmware_version},
              {"bus", module.bus},
              {"address", module.address ? Json(to_string(*module.address)) : Json(nullptr)},
              {"reachable", module.is_reachable},
              {"problem", module.problem},
              {"window_age_s", or_null(module.window_age)},
              {"period_age_s", or_null(module.period_age)},
              {"errors", module.errors},
              {"retries", module.retries},
              {"windows_seen", module.windows_seen},
              {"windows_missed", module.windows_missed},
              {"channels", std::move(channels)}};
}

}  // namespace

void print_status(const StatusPicture& picture, const TimeZone& zone, std::ostream& out) {
  const auto& status = picture.status;
  out << to_string(status.health) << (status.problem.empty() ? "" : ": " + printable(status.problem)) << '\n';
  out << "rbampd " << printable(status.version) << ", running for "
      << length_text(std::chrono::floor<std::chrono::seconds>(picture.now - status.started)) << ", clock "
      << (status.clock_is_trusted ? "synchronised" : "NOT synchronised") << "\n\n";
  print_modules(picture, out);
  out << '\n';
  print_energy(picture, out);
  if (!picture.today_problem.empty()) out << "  (today is not known: " << printable(picture.today_problem) << ")\n";
  print_rulers(status, out);
  out << '\n';
  print_buses(status, out);
  out << "  ledger " << printable(status.ledger.path) << ": " << bytes_text(status.ledger.bytes) << ", last commit "
      << (status.ledger.last_commit ? to_local(*status.ledger.last_commit, zone) : std::string{"none yet"});
  if (status.ledger.backlog > 0) out << ", " << status.ledger.backlog << " rounds wait for the disk";
  out << '\n';
  if (!status.ledger.problem.empty()) out << "    " << printable(status.ledger.problem) << '\n';
  out << "  broker: " << status.broker.state << (status.broker.detail.empty() ? "" : " (" + printable(status.broker.detail) + ")")
      << '\n';
  if (picture.faults.empty()) return;
  out << "\nlast events\n";
  for (const auto& event : picture.faults) {
    out << "  " << to_local(event.at, zone) << "  " << printable(event.module)
        << (event.channel.empty() ? "" : "/" + printable(event.channel)) << ": " << printable(event.text) << '\n';
  }
}

void print_status_json(const StatusPicture& picture, std::ostream& out) {
  const auto& status = picture.status;
  Json answer{{"health", to_string(status.health)},
              {"problem", status.problem},
              {"version", status.version},
              {"started", to_rfc3339(status.started)},
              {"clock_is_trusted", status.clock_is_trusted},
              {"modules", Json::array()},
              {"buses", Json::array()},
              {"ledger",
               {{"path", status.ledger.path},
                {"bytes", status.ledger.bytes},
                {"last_commit", status.ledger.last_commit ? Json(to_rfc3339(*status.ledger.last_commit)) : Json(nullptr)},
                {"backlog", status.ledger.backlog},
                {"problem", status.ledger.problem}}},
              {"broker", {{"state", status.broker.state}, {"detail", status.broker.detail}}},
              {"events", Json::array()}};
  for (const auto& module : status.modules) answer["modules"].push_back(module_json(module, picture.today));
  for (const auto& bus : status.buses) {
    answer["buses"].push_back(Json{{"name", bus.name},
                                   {"driver", bus.driver},
                                   {"device", bus.device},
                                   {"open", bus.is_open},
                                   {"problem", bus.problem},
                                   {"transactions", bus.transactions},
                                   {"bytes", bus.bytes},
                                   {"retries", bus.retries},
                                   {"errors", bus.errors},
                                   {"drdy", bus.drdy},
                                   {"edge_latency_median_s", or_null(bus.edge_latency_median)},
                                   {"edge_latency_p99_s", or_null(bus.edge_latency_p99)},
                                   {"overload", bus.overload},
                                   {"edges_lost", or_null(bus.edges_lost)}});
  }
  for (const auto& event : picture.faults) {
    answer["events"].push_back(Json{{"at", to_rfc3339(event.at)},
                                    {"module", event.module},
                                    {"channel", event.channel},
                                    {"kind", event.kind},
                                    {"text", event.text}});
  }
  out << to_text(answer) << '\n';
}

}  // namespace rbamp::ctl
