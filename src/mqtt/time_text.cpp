#include "mqtt/time_text.hpp"

#include <chrono>

namespace rbamp::mqtt {
namespace {

/// Takes characters from the front; any miss sticks, so that the caller asks once at the end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  char one_of(std::string_view choices) {
    if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) {
      fail();
      return '\0';
    }
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }
  void skip_fraction() {
    if (rest_.empty() || rest_.front() != '.') return;
    rest_.remove_prefix(1);
    number(1);
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') rest_.remove_prefix(1);
  }
  [[nodiscard]] bool is_good_to_the_end() const { return is_good_ && rest_.empty(); }

 private:
  int fail() {
    is_good_ = false;
    return 0;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace

std::optional<UtcTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  Scanner scan{text};
  const int year_number = scan.number(4);
  scan.one_of("-");
  const int month_number = scan.number(2);
  scan.one_of("-");
  const int day_number = scan.number(2);
  scan.one_of("Tt ");
  const int hour = scan.number(2);
  scan.one_of(":");
  const int minute = scan.number(2);
  scan.one_of(":");
  const int second = scan.number(2);
  scan.skip_fraction();
  const char zone = scan.one_of("Zz+-");
  minutes offset{0};
  if (zone == '+' || zone == '-') {
    const int offset_hours = scan.number(2);
    scan.one_of(":");
    const int offset_minutes = scan.number(2);
    if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
    offset = hours{offset_hours} + minutes{offset_minutes};
    if (zone == '-') offset = -offset;
  }
  if (!scan.is_good_to_the_end() || hour > 23 || minute > 59 || second > 60) return std::nullopt;

  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!date.ok()) return std::nullopt;
  const sys_seconds local = sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
  return UtcTime{local - offset};
}

}  // namespace rbamp::mqtt
