#include "metering/correction.hpp"

#include <algorithm>

namespace rbamp::metering {
namespace {

tl::unexpected<Error> refusal(std::string words) { return failure(Errc::request_invalid, Remedy::give_up, std::move(words)); }

bool is_within_range(MicroWattHours value) { return value >= MicroWattHours{} && value <= greatest_register; }

/// One register of one channel: what is added, and what it then is.
struct Step {
  MicroWattHours energy;
  MicroWattHours total;
  double remainder = 0.0;
};

Result<Step> step(const std::string& what, MicroWattHours now, double remainder, const std::optional<RegisterChange>& change) {
  if (!change) return Step{MicroWattHours{}, now, remainder};
  const bool is_absolute = change->kind == RegisterChange::Kind::to;
  // Bounded before it is added, so that nothing overflows.
  if (change->amount < MicroWattHours{-greatest_register.value()} || change->amount > greatest_register)
    return refusal("the " + what + " is beyond what a register holds; is the unit right?");
  const MicroWattHours total = is_absolute ? change->amount : now + change->amount;
  if (total < MicroWattHours{})
    return refusal("the " + what + " would be negative: a register cannot be less than nothing, correct by less");
  if (!is_within_range(total)) return refusal("the " + what + " would be beyond what a register holds; is the unit right?");
  return Step{total - now, total, is_absolute ? 0.0 : remainder};
}

std::optional<std::string> defect_of(const std::string& note) {
  if (note.empty()) return "a correction needs its reason in words: it stays in the ledger for ever";
  if (note.size() > longest_correction_note)
    return "the reason is longer than " + std::to_string(longest_correction_note) + " bytes; say it shorter";
  const bool has_control =
      std::any_of(note.begin(), note.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (has_control) return "the reason has a control character or a line break; write it in one line";
  return std::nullopt;
}

}  // namespace

Result<Closing> correct(Account& account, const CorrectionRequest& request, const Instant& now) {
  if (const auto defect = defect_of(request.note)) return refusal(*defect);
  Account after = account;  // the caller's stays as it was when a later channel is refused
  Closing closing{
      account.place, account.module, {now, now, Microseconds::zero()}, Quality::adjustment, request.reason, request.note, {}};
  bool changes = request.reason == Reason::meter_changed;  // says something even with the registers as they were
  for (const auto& wanted : request.channels) {
    const auto found = std::find_if(after.channels.begin(), after.channels.end(),
                                    [&](const ChannelAccount& channel) { return channel.id == wanted.channel_id; });
    if (found == after.channels.end())
      return refusal("\"" + account.place_id + "\" has no channel \"" + wanted.channel_id + "\"");
    const bool is_repeated = std::any_of(closing.postings.begin(), closing.postings.end(),
                                         [&](const Posting& posting) { return posting.channel == found->key; });
    if (is_repeated) return refusal("the channel \"" + wanted.channel_id + "\" is named twice");
    auto& registers = found->registers;
    const std::string name = account.place_id + "/" + found->id;
    const auto in = step("import register of " + name, registers.energy_import, registers.import_remainder, wanted.energy_import);
    if (!in) return failure(in.error());
    const auto out =
        step("export register of " + name, registers.energy_export, registers.export_remainder, wanted.energy_export);
    if (!out) return failure(out.error());
    changes = changes || in->energy != MicroWattHours{} || out->energy != MicroWattHours{};
    registers.energy_import = in->total;
    registers.energy_export = out->total;
    registers.import_remainder = in->remainder;
    registers.export_remainder = out->remainder;
    closing.postings.push_back(
        {found->key, in->energy, out->energy, in->total, out->total, in->remainder, out->remainder, false});
  }
  if (closing.postings.empty()) return refusal("no channel of \"" + account.place_id + "\" is named");
  if (!changes) return refusal("nothing would change: the registers of \"" + account.place_id + "\" have these values already");
  account = std::move(after);
  return closing;
}

}  // namespace rbamp::metering
