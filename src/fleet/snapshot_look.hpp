// One look at a module: its state, its evidence of what happened to it, and the snapshot of its last latch. Protocol 10.2.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "fleet/bus_context.hpp"
#include "fleet/dialect.hpp"
#include "fleet/look_reads.hpp"
#include "metering/evidence.hpp"
#include "protocol/live_block.hpp"
#include "protocol/snapshot.hpp"
#include "protocol/state.hpp"

namespace rbamp::fleet {

/// The module as it is, read without writing anything: material for metering::decide_restart.
struct SnapshotRead {
  metering::Evidence evidence;
  protocol::State state;
  protocol::Events events;
  protocol::Snapshot snapshot;
  /// Of the same latch as `snapshot`, from the module's export register. Absent: it has none, or gave nonsense.
  std::array<std::optional<Watts>, max_channels> mean_export{};
};

/// Why the module started last, in words.
[[nodiscard]] std::string reset_cause(const metering::Evidence& evidence);

/// Whom to look at, and what is known of it.
struct LookOrder {
  I2cAddress address;
  Dialect dialect;
  BootId boot;
  metering::LatchKind kind = metering::LatchKind::broadcast;
  /// The look before: what is surprising after it is read until two looks agree. None: everything is.
  std::optional<metering::Evidence> last{};
  /// A look that tells of a new restart may be the first at another chip: what that one shows belongs to no period of ours.
  std::optional<ModuleUid> expected{};
};

/// Protocol 10.2 steps 3 to 8 in the transactions of protocol::latch_plan(): state, evidence, the snapshot twice, and for a
/// broadcast the tick again; with an export register that twice, and the snapshot once more.
///
/// Made on the loop thread, then used by one job at a time. Errors: bus_*, torn_read when two reads kept disagreeing, wrong_module.
class SnapshotLook {
 public:
  SnapshotLook(std::string bus, LookOrder order)
      : reads_(bus, order.address, order.dialect), bus_(std::move(bus)), order_(std::move(order)) {}

  /// In a job of the bus: reads on. Returns the result, or nothing when it held the bus for so long that others should have their turn.
  [[nodiscard]] std::optional<Result<SnapshotRead>> go_on(BusStation& station);

 private:
  LookReads reads_;
  std::string bus_;
  LookOrder order_;
};

/// Runs a look on the bus's worker and hands the result to `done` on the loop thread, unless `owner` is gone by then. A quick module's look
/// is one job. At a slow one, readings that are due on the bus go first between two transfers.
template <class Done>
void look_at_snapshot(const BusContext& context, const loop::Alive& owner, LookOrder order, Done done) {
  struct Running {
    BusContext context;
    loop::Alive::Guard owner;
    SnapshotLook look;
    Done done;
    static void go_on(const std::shared_ptr<Running>& self) {
      if (self->owner.expired()) return;
      auto& context = self->context;
      if (auto result = self->look.go_on(context.station)) {
        context.scheduler.post([self, result = std::move(*result)] {
          if (!self->owner.expired()) self->done(result);
        });
      } else {
        context.executor.run_at(context.station.clock().boot_now(), [self] { go_on(self); });
      }
    }
  };
  auto running = std::make_shared<Running>(
      Running{context, owner.guard(), SnapshotLook{context.station.name(), std::move(order)}, std::move(done)});
  context.executor.run([running = std::move(running)] { Running::go_on(running); });
}

/// The same, blocking to its end.
[[nodiscard]] Result<SnapshotRead> read_snapshot(BusStation& bus, LookOrder order);

}  // namespace rbamp::fleet
