// The type of a MESSAGE_ID, so that a record which asks for attention cannot be written without one.
#pragma once

#include <cstddef>
#include <string_view>

namespace rbamp::log {

/// 32 lower-case hex digits, checked when it is compiled. There is no empty one, and none that is made at run time.
class MessageId {
 public:
  static constexpr std::size_t digits = 32;

  consteval explicit MessageId(std::string_view text) : text_(text) {
    if (text.size() != digits || text.find_first_not_of("0123456789abcdef") != std::string_view::npos) throw "no MESSAGE_ID";
  }

  // NOLINTNEXTLINE(google-explicit-constructor): it is read as the text that the journal has
  constexpr operator std::string_view() const noexcept { return text_; }
  friend constexpr bool operator==(MessageId one, MessageId other) noexcept { return one.text_ == other.text_; }
  friend constexpr bool operator==(MessageId one, std::string_view other) noexcept { return one.text_ == other; }

 private:
  std::string_view text_;
};

}  // namespace rbamp::log
