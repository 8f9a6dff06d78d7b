// What happened to a module while we did not watch it, and how its energy is booked. Pure. Protocol 12.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "metering/evidence.hpp"
#include "metering/quality.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

/// The rows of protocol 12.3.
enum class RestartCase : std::uint8_t {
  a,        ///< nothing happened: the module went on averaging since the recorded latch
  a_prime,  ///< as A; a latch was intended but never landed
  b,        ///< the intended latch landed and its snapshot is not booked yet
  b2,       ///< as B, proven by the broadcast tick
  c,        ///< somebody else latched
  d,        ///< the module restarted
  e,        ///< never metered before: primer
  f,        ///< the last latch was empty: as A
};
[[nodiscard]] std::string_view to_string(RestartCase which) noexcept;

/// Time between two instants. Within one host boot it is exact; across boots it comes from UTC, and is exact only when UTC was
/// trusted at both ends. `shortest` and `longest` bound it; all three are equal when it is exact.
struct Elapsed {
  Microseconds length{};
  Microseconds shortest{};
  Microseconds longest{};
  bool is_exact = true;
};
/// `uptime_*`: the module's own seconds at both ends, used as a bound when UTC cannot be trusted (module not reset in between).
[[nodiscard]] Elapsed elapsed_between(const Instant& from, std::uint32_t uptime_from, const Instant& to, std::uint32_t uptime_to);

/// A stretch of time whose energy is known, or known to be unknown.
struct Stretch {
  Period span;
  Quality quality = Quality::measured;
  Reason reason = Reason::none;
  std::string note;
};

/// Since when the module's accumulator has been running, and how the period that the next latch closes is to be marked.
struct Running {
  Instant since;          ///< label: the instant as it was recorded, perhaps in another host boot
  BootTime since_here{};  ///< the same on this host boot's clock; what dt is computed from
  Quality quality = Quality::measured;
  Reason reason = Reason::none;
  std::string note;
};

/// What a gap's note says: how much energy nobody knows of, at most. Protocol 1.1: 23 kW is the range of a channel.
inline constexpr Watts most_of_a_channel{23'000.0};
[[nodiscard]] std::string reset_gap_note(const std::string& cause, Microseconds length);
[[nodiscard]] std::string foreign_gap_note(Microseconds length);
/// What is added to the note of a gap across host boots when the clock is set later, and its length becomes known.
[[nodiscard]] std::string settled_gap_note(Microseconds length);
/// A module's restart is not known better than that: UPTIME_S counts whole seconds.
inline constexpr Microseconds restart_uncertainty = std::chrono::seconds{2};
inline constexpr std::string_view hidden_restart_note =
    "the module's last restart could not be acknowledged in time: another one in this period would not show";
inline constexpr std::string_view after_reset_note =
    "lower bound: the module's own uptime counter gives the time since its restart";

struct RestartDecision {
  RestartCase which = RestartCase::e;
  std::optional<Stretch> bill_snapshot;  ///< case B: the snapshot that is visible now belongs to this period
  std::optional<Stretch> gap;            ///< case D: nobody knows; comes before `running`
  std::optional<Running> running;        ///< none: a primer latch is needed (case E)
  bool latched_by_stranger = false;      ///< case C: `running` spans at least one latch that was not ours
};

/// Who was away: our process (its time is `recovered`), or the module from the bus while we ran (then it is simply `measured`).
enum class Absence : std::uint8_t { daemon_was_down, module_was_away };

/// `anchor`: end of the last booked period of this chip in this place; `intent`: a latch that may be under way; `reset_cause`: that of
/// `seen` in words, for the note of a gap; empty: not known.
[[nodiscard]] RestartDecision decide_restart(const std::optional<Anchor>& anchor, const std::optional<Intent>& intent,
                                             const Evidence& seen, Absence absence = Absence::daemon_was_down,
                                             const std::string& reset_cause = {});

}  // namespace rbamp::metering
