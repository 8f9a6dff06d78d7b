// Our errors as D-Bus errors, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace rbamp::dbus {

/// "org.rbampd1.Error.LedgerBusy" for ledger_busy. An error of another category is "org.rbampd1.Error.Failed".
[[nodiscard]] std::string error_name(const Error& error);
/// nullopt: not one of our names.
[[nodiscard]] std::optional<Errc> errc_from(std::string_view error_name) noexcept;

/// What a caller does next about an error that came over the bus, which carries a code and words only.
[[nodiscard]] Remedy usual_remedy(Errc code) noexcept;

/// An error that a D-Bus library or bus daemon reports, in the words of who asks rbampd: no such name, access denied, no answer.
[[nodiscard]] Error explained(std::string_view error_name, std::string_view words);

}  // namespace rbamp::dbus
