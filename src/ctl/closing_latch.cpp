#include "ctl/closing_latch.hpp"

#include <algorithm>
#include <set>

#include "ctl/ledger_writer.hpp"
#include "fleet/module.hpp"
#include "metering/book.hpp"
#include "protocol/commands.hpp"
#include "storage/files.hpp"

namespace rbamp::ctl {
namespace {

using fleet::Effort;
using metering::LatchKind;
using metering::LatchOutcome;

constexpr int most_latches = 3;
constexpr Microseconds empty_pause = std::chrono::milliseconds{250};  // protocol 11.4

/// The channels as the configuration has them, because of `invert` and `export_register`; without it, as they were metered last.
fleet::Assignment assignment_of(const metering::AccountRequest& claim, const config::Config& config, I2cAddress address) {
  fleet::Assignment assignment;
  assignment.address = address;
  assignment.place_id = claim.place_id;
  assignment.name = claim.place_id;
  const auto configured =
      std::find_if(config.modules.begin(), config.modules.end(), [&](const auto& module) { return module.id == claim.place_id; });
  if (configured != config.modules.end()) {
    assignment.role = configured->role;
    assignment.export_register = configured->export_register;
    for (const auto& channel : configured->channels)
      assignment.channels.push_back({channel.index, channel.id, channel.name, channel.invert});
  }
  if (assignment.channels.empty()) {
    for (const auto& channel : claim.channels) assignment.channels.push_back({channel.index, channel.id, channel.id, false});
  }
  return assignment;
}

Error explained(Error error) {
  if (error.is(Errc::ledger_busy)) {
    error.detail =
        "what the module has measured cannot be booked: rbampd has the ledger open. Stop it first (systemctl stop rbampd), "
        "so that its last period is booked";
  }
  return error;
}

/// One module's closing conversation with its bus and the ledger.
class ClosingLatch {
 public:
  ClosingLatch(fleet::BusStation& bus, storage::Ledger& ledger, fleet::Assignment assignment)
      : bus_(bus), ledger_(ledger), boot_(BootId::of_host()), module_(std::move(assignment)) {}

  Result<BookedPeriod> run() {
    return recover().and_then([this] { return latch(); }).map([this] { return booked_; });
  }

 private:
  /// Books what happened since the last booked period, up to what the module shows now.
  Result<void> recover() {
    auto found = fleet::identify(bus_, module_.address(), boot_, Effort::stubborn, module_.assignment().export_register);
    if (!found) return failure(found.error());
    module_.identified(std::move(*found));
    auto account = ledger_.open_account(module_.account_request(bus_.clock().utc_now()));
    if (!account) return failure(account.error());
    account_ = *account;
    booked_.place = account_.place_id;
    for (const auto& channel : account_.channels) booked_.channels.push_back({channel.id, {}, {}});
    static_cast<void>(module_.recover(std::move(*account)));
    return book();
  }

  Result<void> latch() {
    for (int i = 0; i < most_latches; ++i) {
      const auto outcome = latch_once();
      if (!outcome) return failure(outcome.error());
      if (auto booked = book(); !booked) return booked;
      if (*outcome == LatchOutcome::closed || *outcome == LatchOutcome::reset) return {};
      bus_.clock().sleep_for(empty_pause);
    }
    return failure(Errc::not_ready, Remedy::retry,
                   "module " + to_string(module_.address()) +
                       " does not close its period: it takes no latch, or has measured nothing "
                       "since it started; try again");
  }

  Result<LatchOutcome> latch_once() {
    const metering::Intent intent{now(), LatchKind::direct, metering::no_gc_tick, true, module_.is_reset_acknowledged()};
    const metering::ArmedLatch armed{account_.module, intent};
    if (auto written = ledger_.arm({&armed, 1}); !written) return failure(written.error());
    module_.armed(intent);
    const auto sent = fleet::send_latch(bus_, module_.address(), boot_);
    module_.latch_sent({{LatchKind::direct, metering::no_gc_tick, sent.error.has_value(), false}, sent.at, sent.duration});
    bus_.clock().sleep_for(protocol::settle_time(protocol::Command::latch_period));
    auto outcome = look(false);
    if (!outcome || *outcome != LatchOutcome::unclear) return outcome;
    bus_.clock().sleep_for(metering::unclear_wait);
    return look(true);
  }

  Result<LatchOutcome> look(bool is_last) {
    const auto read = fleet::read_snapshot(bus_, {module_.address(), module_.dialect(), boot_, LatchKind::direct});
    if (!read) return failure(read.error());
    return module_.settle(*read, is_last);
  }

  /// One transaction, then the acknowledgement to the module: never the other way round.
  Result<void> book() {
    auto report = module_.take_report(std::nullopt);
    if (!report) return {};
    metering::ModuleCommit commit{report->place, report->module, {}, report->anchor, report->reset, report->next_intent};
    for (const auto& period : report->closed) {
      commit.closings.push_back(metering::book(account_, period));
      add(commit.closings.back());
    }
    metering::RoundCommit round;
    round.modules.push_back(std::move(commit));
    if (auto stored = ledger_.commit(round); !stored) return stored;
    const auto handled = module_.to_acknowledge();
    if (handled.none()) return {};
    if (auto told = fleet::acknowledge(bus_, module_.address(), handled); !told) return told;
    module_.acknowledged(handled);
    return {};
  }

  void add(const metering::Closing& closing) {
    booked_.length += closing.span.length;
    for (std::size_t i = 0; i < closing.postings.size(); ++i) {
      booked_.channels.at(i).energy_import += closing.postings[i].energy_import;
      booked_.channels.at(i).energy_export += closing.postings[i].energy_export;
    }
  }

  [[nodiscard]] metering::Instant now() const { return fleet::instant_now(bus_.clock(), boot_); }

  fleet::BusStation& bus_;
  storage::Ledger& ledger_;
  BootId boot_;
  fleet::Module module_;
  metering::Account account_;
  BookedPeriod booked_;
};

}  // namespace

Result<std::optional<metering::AccountRequest>> find_claim(Context& context, const ModuleUid& uid) {
  using Claim = std::optional<metering::AccountRequest>;
  const auto path = context.existing_ledger();
  // A ledger that is not there claims nothing; one that may not be looked at may.
  if (!path && path.error().is(Errc::ledger_io)) return Claim{};
  if (!path) return failure(path.error());
  const auto reader = context.open_ledger();
  if (!reader) return failure(reader.error());
  const auto channels = (*reader)->channels();
  if (!channels) return failure(channels.error());
  std::set<std::string> places;
  for (const auto& channel : *channels) places.insert(channel.module);
  for (const auto& place : places) {
    auto request = (*reader)->account_request(place);
    if (!request) return failure(request.error());
    if (*request && (*request)->uid == uid) return std::move(*request);
  }
  return Claim{};
}

Result<void> check_bookable(Context& context) {
  const auto writer = LedgerWriter::prepare(context);
  if (!writer) return failure(writer.error());
  // Only asked here, and given back: opening takes it again.
  if (const auto lock = storage::lock_ledger(writer->path()); !lock) return failure(explained(lock.error()));
  return {};
}

Result<BookedPeriod> close_period(Context& context, BusAccess& access, const commissioning::ModuleLink& module,
                                  const metering::AccountRequest& claim) {
  auto writer = LedgerWriter::prepare(context);
  if (!writer) return failure(writer.error());
  const auto ledger = writer->open(fleet::instant_now(context.clock(), BootId::of_host()));
  if (!ledger) return failure(explained(ledger.error()));
  return ClosingLatch{access.station(), **ledger, assignment_of(claim, writer->configuration(), module.address())}.run();
}

}  // namespace rbamp::ctl
