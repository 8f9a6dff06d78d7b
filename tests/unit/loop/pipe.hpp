// A descriptor that is readable while somebody has put something in.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "base/fd.hpp"
#include "support/catch.hpp"

namespace rbamp::loop {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error{"pipe2"};
    reader = Fd{ends[0]};
    writer = Fd{ends[1]};
  }
  void put(char c = 'x') const { REQUIRE(write(writer.get(), &c, 1) == 1); }
  [[nodiscard]] char get() const {
    char c = 0;
    REQUIRE(read(reader.get(), &c, 1) == 1);
    return c;
  }
  /// As get(), for other threads than the test's, which must not judge.
  void take() const {
    char c = 0;
    [[maybe_unused]] const auto got = read(reader.get(), &c, 1);
  }
  Fd reader;
  Fd writer;
};

}  // namespace rbamp::loop
