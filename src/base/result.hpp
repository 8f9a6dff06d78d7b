// A value or an Error. The only file that knows which library stands behind it (std::expected when both compilers have it).
#pragma once

#include <tl/expected.hpp>

#include "base/error.hpp"

namespace rbamp {

template <class T>
using Result = tl::expected<T, Error>;

/// `return failure(Errc::bus_nack, Remedy::retry, "...")` from any function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> failure(Errc code, Remedy remedy, std::string detail) {
  return tl::unexpected<Error>{Error{code, remedy, std::move(detail)}};
}
[[nodiscard]] inline tl::unexpected<Error> failure(Error error) { return tl::unexpected<Error>{std::move(error)}; }

}  // namespace rbamp
