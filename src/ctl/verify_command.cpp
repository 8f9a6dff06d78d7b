#include "ctl/verify_command.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/json_text.hpp"
#include "storage/verify.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

void print_json(const std::string& path, const storage::Verdict& verdict, std::ostream& out) {
  Json answer{{"ledger", path},
              {"ok", !verdict.first_violation.has_value()},
              {"rounds", verdict.rounds},
              {"closings", verdict.closings},
              {"postings", verdict.postings},
              {"violation", nullptr}};
  if (const auto& violation = verdict.first_violation)
    answer["violation"] = Json{{"rule", violation->rule}, {"where", violation->where}, {"what", violation->what}};
  out << to_text(answer) << '\n';
}

void print_text(const std::string& path, const storage::Verdict& verdict, std::ostream& out) {
  if (const auto& violation = verdict.first_violation) {
    out << path << ": " << violation->rule << " is broken at " << violation->where << ":\n  " << violation->what << '\n';
    return;
  }
  out << path << ": sound. " << verdict.postings << " postings in " << verdict.closings << " closings of " << verdict.rounds
      << " rounds; every total follows from the line before it, no time is covered twice or missing, days and registers agree.\n";
}

constexpr const char* clear_line = "\r\x1b[K";

/// One line that is written over and over, only for a person who watches.
storage::VerifyProgress progress_on(Terminal& terminal) {
  if (!terminal.is_terminal) return {};
  return [&err = terminal.err](std::uint64_t rounds, std::uint64_t all) {
    err << clear_line;
    if (all == 0) {
      err << "checking the pages of the file ...";
    } else {
      err << "checking round " << rounds << " of " << all << " ...";
    }
    err << std::flush;
  };
}

int verify(Context& context) {
  const auto path = context.existing_ledger();
  if (!path) return context.fail(path.error());
  const auto verdict = storage::verify_ledger(*path, progress_on(context.terminal()));
  if (context.terminal().is_terminal) context.err() << clear_line << std::flush;
  if (!verdict) return context.fail(verdict.error());
  if (context.wants_json()) {
    print_json(*path, *verdict, context.out());
  } else {
    print_text(*path, *verdict, context.out());
  }
  return verdict->first_violation ? exit_status::not_well : exit_status::ok;
}

}  // namespace

void add_verify_command(CommandLine& line) {
  line.add({"verify", "Check the whole ledger and name the first thing that is wrong (exit status 1)",
            "rbampctl verify\nrbampctl verify --ledger /media/usb/energy.db --json"},
           verify);
}

}  // namespace rbamp::ctl
