// What may stand at the end of an unfinished command line: for the completion of shells, which ask `rbampctl __complete WORD...`.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace rbamp::ctl {

/// Said instead of candidates where any file name may stand.
inline constexpr const char* any_file = "__files__";

/// The words that fit a placeholder such as "MODULE"; empty for those that nobody can know.
using Candidates = std::function<std::vector<std::string>(const std::string& placeholder)>;

/// The candidates for the last of `words` (which may be empty), those that begin like it. Reads what the commands declare of
/// themselves: a new command or option is completed without another line here.
[[nodiscard]] std::vector<std::string> complete(const CLI::App& app, const std::vector<std::string>& words,
                                                const Candidates& candidates);

/// Candidates from the program's own words and from the ledger that `words` name; what cannot be read has none.
[[nodiscard]] Candidates candidates_for(const std::vector<std::string>& words);

}  // namespace rbamp::ctl
