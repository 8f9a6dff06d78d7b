#include "ctl/booking.hpp"

#include <algorithm>
#include <ostream>

#include "ctl/ledger_writer.hpp"
#include "ctl/own_daemon.hpp"
#include "dbus/client.hpp"
#include "storage/files.hpp"

namespace rbamp::ctl {
namespace {

/// How the place was metered last: opening its account with that makes nothing anew.
Result<metering::AccountRequest> account_request(Context& context, const CorrectionOrder& order, UtcTime now) {
  const auto reader = context.open_ledger();
  if (!reader) return failure(reader.error());
  // Several channels are corrected together only where they are metered together.
  const std::string channel = order.request.channels.empty() ? "" : order.request.channels.front().channel_id;
  auto found = (*reader)->account_request(order.module, channel);
  if (!found) return failure(found.error());
  if (!*found) {
    return failure(Errc::request_invalid, Remedy::give_up, "the ledger has no channel \"" + order.module + "/" + channel + "\"");
  }
  metering::AccountRequest request = std::move(**found);
  if (order.new_chip) request.uid = *order.new_chip;
  request.now = now;
  return request;
}

BookedCorrection booked(const metering::Account& account, const metering::Closing& closing) {
  BookedCorrection result{closing.span.end.utc, {}};
  for (const auto& posting : closing.postings) {
    const auto channel = std::find_if(account.channels.begin(), account.channels.end(),
                                      [&](const auto& candidate) { return candidate.key == posting.channel; });
    result.channels.push_back(
        {channel->id, posting.energy_import, posting.energy_export, posting.total_import, posting.total_export});
  }
  return result;
}

/// In the words of who is at the command line, not of a daemon that starts.
Error explained(Error error, const std::string& path) {
  if (error.is(Errc::ledger_busy)) {
    error.detail = "rbampd has the ledger " + path + " open, nothing was booked; stop it first: systemctl stop rbampd";
  } else if (error.is(Errc::ledger_readonly)) {
    error.detail = "you may not change the ledger " + path + "; only root and the user of rbampd may";
  }
  return error;
}

/// Brings the small copy of the registers beside the ledger up to date, as the daemon does once a day.
Result<void> tend(storage::Ledger& ledger, const metering::Instant& now) {
  for (bool has_more = true; has_more;) {
    const auto upkeep = ledger.maintain(now.utc, now.utc_is_trusted);
    if (!upkeep) return failure(upkeep.error());
    has_more = upkeep->has_more;
  }
  return {};
}

/// While rbampd runs the ledger is its own, and it books what is asked for.
Result<BookedCorrection> book_with_daemon(dbus::Client& client, const CorrectionOrder& order) {
  const bool is_adjustment = order.request.reason == metering::Reason::correction;
  const auto& channel = order.request.channels.front();
  const auto amount = [](const std::optional<metering::RegisterChange>& change) {
    return change ? std::optional{change->amount} : std::nullopt;
  };
  Result<dbus::Booked> answer;
  if (is_adjustment) {
    answer = client.adjust({order.module, channel.channel_id, amount(channel.energy_import).value_or(MicroWattHours{}),
                            amount(channel.energy_export).value_or(MicroWattHours{}), order.request.note});
  } else {
    const bool is_one = order.request.channels.size() == 1;
    answer = client.meter_change({order.module, is_one ? channel.channel_id : std::string{}, order.new_chip,
                                  amount(channel.energy_import), amount(channel.energy_export), order.request.note});
  }
  if (!answer) return failure(answer.error());
  BookedCorrection result{answer->at, {}};
  for (const auto& one : answer->channels)
    result.channels.push_back({one.channel, one.added_import, one.added_export, one.total_import, one.total_export});
  return result;
}

}  // namespace

Result<BookedCorrection> book(Context& context, const CorrectionOrder& order) {
  auto booked = book_in_file(context, order);
  if (booked || !booked.error().is(Errc::ledger_busy) || order.request.channels.empty()) return booked;
  auto client = dbus::Client::connect();
  if (!client) return client.error().is(Errc::daemon_refused) ? failure(client.error()) : std::move(booked);
  // Whoever has this ledger open need not be the one with the name on the message bus.
  if (auto same = require_instance(context, *client, Instance::configured); !same) {
    booked.error().detail += ". It cannot be asked to book it: " + same.error().detail;
    return booked;
  }
  return book_with_daemon(*client, order);
}

Result<BookedCorrection> book_in_file(Context& context, const CorrectionOrder& order) {
  auto& clock = context.clock();
  auto writer = LedgerWriter::prepare(context);
  if (!writer) return failure(writer.error());
  // Only asked here, and given back: opening takes it again.
  if (const auto lock = storage::lock_ledger(writer->path()); !lock) return failure(explained(lock.error(), writer->path()));
  const auto request = account_request(context, order, clock.utc_now());
  if (!request) return failure(request.error());

  const metering::Instant now{BootId::of_host(), clock.boot_now(), clock.utc_now(), clock.utc_is_synchronised()};
  const auto ledger = writer->open(now);
  if (!ledger) return failure(explained(ledger.error(), writer->path()));
  auto account = (*ledger)->open_account(*request);
  if (!account) return failure(account.error());
  auto closing = metering::correct(*account, order.request, now);
  if (!closing) return failure(closing.error());
  metering::ModuleCommit commit;
  commit.place = account->place;
  commit.module = account->module;
  commit.next_intent = account->intent;  // a latch that may be under way stays what it was
  commit.closings.push_back(*closing);
  metering::RoundCommit round;
  round.modules.push_back(std::move(commit));
  if (const auto stored = (*ledger)->commit(round); !stored) return failure(stored.error());
  if (const auto tended = tend(**ledger, now); !tended)
    context.err() << "rbampctl: the correction is booked, but: " << tended.error().detail << '\n';
  return booked(*account, *closing);
}

}  // namespace rbamp::ctl
