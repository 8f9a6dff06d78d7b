#include "ctl/quality_text.hpp"

#include <array>

namespace rbamp::ctl {
namespace {

using metering::Quality;
using metering::Reason;

constexpr std::array all_qualities{Quality::measured, Quality::recovered, Quality::estimated, Quality::gap, Quality::adjustment};

/// Why, for everything that is not simply measured.
std::string circumstance_of(Reason reason) {
  switch (reason) {
    case Reason::none: return "";
    case Reason::own_downtime: return "rbampd was not running meanwhile, the module went on averaging";
    case Reason::module_reset: return "the module restarted, and what it had averaged is gone";
    case Reason::foreign_latch:
      return "another program closed the module's period, so that its last average stands for all of it";
    case Reason::clock_untrusted: return "the host rebooted, and its clock could not be trusted at both ends";
    case Reason::snapshot_lost:
      return "the period was closed on the module, but could not be read before the next one replaced it";
    case Reason::meter_changed: return "another chip took over this place";
    case Reason::unknown_evidence: return "the module's firmware does not tell whether it was restarted or latched meanwhile";
    case Reason::live_hole: return "some live windows were missed, and the import of a turned clamp is summed up from them";
    case Reason::voltage_borrowed:
      return "the module measures no voltage: that of another module and a fixed power factor were used";
    case Reason::correction: return "a person corrected the register";
    case Reason::meter_takeover: return "a person set the register to the reading of another meter";
    case Reason::implausible: return "the module gave a value that its hardware cannot deliver, which was booked as nothing";
    case Reason::damaged_module:
      return "the module reports that its calibration is damaged: the energy may be 1 to 5 % wrong; replace it";
    case Reason::first_latch: return "the module's first period began only at its end; nothing before it belongs to this place";
  }
  return "";
}

std::string head_of(Quality quality) {
  switch (quality) {
    case Quality::measured: return "measured: the module's own average over exactly this time";
    case Quality::recovered: return "recovered, exact";
    case Quality::estimated: return "estimated";
    case Quality::gap: return "gap, nobody knows the energy of this time";
    case Quality::adjustment: return "adjustment";
  }
  return "";
}

}  // namespace

std::string explanation_of(Quality quality, Reason reason) {
  const std::string why = circumstance_of(reason);
  if (why.empty()) return head_of(quality);
  return head_of(quality) + (quality == Quality::measured ? "; " : ": ") + why;
}

std::string marks_of(QualityBits bits) {
  std::string marks;
  if (has(bits, Quality::estimated)) marks += '~';
  if (has(bits, Quality::gap)) marks += '?';
  if (has(bits, Quality::adjustment)) marks += '*';
  return marks;
}

std::vector<std::string> legend_of(QualityBits bits) {
  std::vector<std::string> legend;
  if (has(bits, Quality::estimated)) legend.emplace_back("~ contains estimated energy");
  if (has(bits, Quality::gap)) legend.emplace_back("? was not metered for a part of the time or all of it");
  if (has(bits, Quality::adjustment)) legend.emplace_back("* contains a correction by a person");
  return legend;
}

std::vector<std::string> names_of(QualityBits bits) {
  std::vector<std::string> names;
  for (const auto quality : all_qualities) {
    if (has(bits, quality)) names.emplace_back(to_string(quality));
  }
  return names;
}

}  // namespace rbamp::ctl
