#include "fleet/snapshot_look.hpp"

#include "fleet/module_io.hpp"
#include "protocol/export_register.hpp"

namespace rbamp::fleet {
namespace {

namespace reg = protocol::reg;

// A look at a module that does not stretch the clock takes less, even at 50 kHz or with a retry; a neighbour's window can wait for longer.
constexpr Microseconds longest_hold = std::chrono::milliseconds{30};

/// State, events, health and tick: everything beside the snapshot.
struct Circumstances {
  protocol::State state;
  protocol::Evidence evidence;
  std::uint16_t tick = 0;
};

Result<Circumstances> read_circumstances(LookReads& reads) {
  const auto state_bytes = reads.block<protocol::state_size>(protocol::state_start);
  if (!state_bytes) return failure(state_bytes.error());
  const auto evidence_bytes = reads.block<protocol::evidence_size>(protocol::evidence_start);
  if (!evidence_bytes) return failure(evidence_bytes.error());
  const auto evidence = protocol::decode_evidence(*evidence_bytes);
  return Circumstances{protocol::decode_state(*state_bytes), evidence, evidence.gc_tick};
}

metering::Evidence as_evidence(const Circumstances& seen, const metering::Instant& now) {
  metering::Evidence evidence;
  evidence.now = now;
  evidence.reset_flag = seen.evidence.events.has(protocol::Event::reset_occurred);
  evidence.period_ready = seen.evidence.events.has(protocol::Event::period_ready);
  evidence.is_valid = seen.state.is_period_valid;
  evidence.uptime_s = static_cast<std::uint32_t>(seen.evidence.health.uptime.count());
  evidence.reset_cause = seen.evidence.health.reset_causes.raw();
  evidence.gc_tick = seen.tick;
  return evidence;
}

/// What one latch froze.
struct Latched {
  protocol::SnapshotBytes snapshot{};
  std::optional<std::array<std::uint8_t, protocol::export_block_size>> mean_export;
};

Result<protocol::SnapshotBytes> read_snapshot_bytes(LookReads& reads) {
  return reads.agreed<protocol::snapshot_size>(protocol::snapshot_start, [](ReadBytes a, ReadBytes b) {
    return protocol::same_snapshot(a.first<protocol::snapshot_size>(), b.first<protocol::snapshot_size>());
  });
}

/// The look, from its first read to its result or to the first read that is not known.
class Script {
 public:
  Script(LookReads& reads, const std::string& bus, const LookOrder& order) : reads_(reads), bus_(bus), order_(order) {}
  Result<SnapshotRead> run();

 private:
  Error disagreement(const std::string& what) const {
    return {Errc::torn_read, Remedy::retry, "module " + to_string(order_.address) + " on bus \"" + bus_ + "\": " + what};
  }
  Result<Circumstances> confirm(Circumstances last);
  Result<Latched> read_latched();
  Result<void> check_tick(Circumstances& seen);
  Result<void> check_chip(const metering::Evidence& seen);

  LookReads& reads_;
  const std::string& bus_;
  const LookOrder& order_;
};

/// Reads them again until two looks tell the same story.
Result<Circumstances> Script::confirm(Circumstances last) {
  for (int i = 0; i < agreement_attempts; ++i) {
    auto next = read_circumstances(reads_);
    if (!next) return next;
    if (is_same_story(as_evidence(last, {}), as_evidence(*next, {}))) return next;
    last = *next;
  }
  return failure(disagreement("repeated reads of its state disagree; check wiring, pull-ups and bus speed"));
}

Result<Latched> Script::read_latched() {
  auto snapshot = read_snapshot_bytes(reads_);
  if (!snapshot) return failure(std::move(snapshot.error()));
  if (!order_.dialect.export_register) return Latched{*snapshot, std::nullopt};
  for (int i = 0; i < agreement_attempts; ++i) {
    const auto exported = reads_.agreed<protocol::export_block_size>(*order_.dialect.export_register);
    if (!exported) return failure(exported.error());
    // A stranger's latch between the two would join the import of one period with the export of another.
    const auto again = reads_.block<protocol::snapshot_size>(protocol::snapshot_start);
    if (!again) return failure(again.error());
    if (protocol::same_snapshot(*snapshot, *again)) return Latched{*again, *exported};
    snapshot = read_snapshot_bytes(reads_);
    if (!snapshot) return failure(std::move(snapshot.error()));
  }
  return failure(disagreement("it is latched by others faster than it can be read; stop the other program"));
}

/// Read twice, accepted on agreement; otherwise two more that must agree (10.1).
Result<void> Script::check_tick(Circumstances& seen) {
  const auto again = reads_.block<protocol::gc_tick_size>(reg::gc_tick);
  if (!again) return failure(again.error());
  if (protocol::decode_gc_tick(*again) == seen.tick) return {};
  const auto agreed = reads_.agreed<protocol::gc_tick_size>(reg::gc_tick);
  if (!agreed) return failure(agreed.error());
  // The first was misread; or the module restarted behind what was read of it, which then is of the life before and belongs together.
  const auto later = read_circumstances(reads_);
  if (!later) return failure(later.error());
  if (!shows_new_restart(as_evidence(*later, {}), as_evidence(seen, {}))) seen.tick = protocol::decode_gc_tick(*agreed);
  return {};
}

Result<void> Script::check_chip(const metering::Evidence& seen) {
  if (!order_.expected || (order_.last && !shows_new_restart(seen, *order_.last))) return {};
  const auto bytes = reads_.agreed<ModuleUid::size>(reg::uid);
  if (!bytes) return failure(bytes.error());
  if (const ModuleUid uid{*bytes}; uid != *order_.expected) return failure(another_chip(uid, order_.address));
  return {};
}

Result<SnapshotRead> Script::run() {
  auto seen = read_circumstances(reads_);
  if (!seen) return failure(std::move(seen.error()));
  const auto& last = order_.last;
  // After a broadcast another tick is no surprise, and read again below.
  const bool has_other_tick = last && order_.kind == metering::LatchKind::direct && seen->tick != last->gc_tick;
  if (!last || has_other_tick || is_surprising(as_evidence(*seen, reads_.at()), *last)) {
    seen = confirm(*seen);
    if (!seen) return failure(std::move(seen.error()));
  }
  const auto latched = read_latched();
  if (!latched) return failure(latched.error());
  const auto& snapshot_bytes = latched->snapshot;
  // A valid snapshot of no time at all: the module restarted while it was being read.
  if (seen->state.is_period_valid && metering::latch_ms_of(protocol::witness_of(snapshot_bytes)) == 0) {
    seen = confirm(*seen);
    if (!seen) return failure(std::move(seen.error()));
  }
  if (order_.kind == metering::LatchKind::broadcast) {
    if (auto done = check_tick(*seen); !done) return failure(std::move(done.error()));
  }

  SnapshotRead read;
  read.state = seen->state;
  read.events = seen->evidence.events;
  read.snapshot = protocol::decode_snapshot(snapshot_bytes, order_.dialect.variant, order_.dialect.tier);
  if (latched->mean_export) read.mean_export = protocol::decode_export(*latched->mean_export, order_.dialect.variant);
  read.evidence = as_evidence(*seen, reads_.at());
  read.evidence.witness = protocol::witness_of(snapshot_bytes);
  read.evidence.commit_count = read.snapshot.commit_count;
  if (auto same = check_chip(read.evidence); !same) return failure(std::move(same.error()));
  return read;
}

}  // namespace

std::string reset_cause(const metering::Evidence& evidence) { return to_string(protocol::ResetCauses{evidence.reset_cause}); }

std::optional<Result<SnapshotRead>> SnapshotLook::go_on(BusStation& station) {
  const BootTime begun = station.clock().boot_now();
  for (;;) {
    reads_.begin_again();
    auto result = Script{reads_, bus_, order_}.run();
    if (!reads_.is_waiting()) return result;
    if (station.clock().boot_now() - begun > longest_hold) return std::nullopt;
    reads_.fetch(station, order_.boot);
  }
}

Result<SnapshotRead> read_snapshot(BusStation& bus, LookOrder order) {
  SnapshotLook look{bus.name(), std::move(order)};
  for (;;) {
    if (auto result = look.go_on(bus)) return std::move(*result);
  }
}

}  // namespace rbamp::fleet
