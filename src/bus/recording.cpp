#include "bus/recording.hpp"

#include <array>
#include <charconv>
#include <span>

namespace rbamp::bus {
namespace {

constexpr std::string_view magic = "rbamp-recording 1";
constexpr std::string_view hex_digits = "0123456789abcdef";

void append_hex(std::string& text, std::span<const std::uint8_t> bytes) {
  for (const auto byte : bytes) {
    text += hex_digits[byte >> 4U];
    text += hex_digits[byte & 0x0FU];
  }
}

std::string hex(std::uint8_t byte) {
  std::string text;
  append_hex(text, std::array{byte});
  return text;
}

/// Takes words from the front of a line; once something does not fit, `failed` stays true.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string_view next() {
    const auto end = rest_.find(' ');
    const auto word = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    if (word.empty()) failed_ = true;
    return word;
  }
  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }

  template <class T>
  T number(std::string_view word, int base = 10) {
    T value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
    if (error != std::errc{} || end != word.data() + word.size()) failed_ = true;
    return value;
  }
  std::uint8_t byte() {
    const auto word = next();
    if (word.size() != 2) failed_ = true;
    return number<std::uint8_t>(word, 16);
  }
  std::vector<std::uint8_t> bytes() {
    const auto word = next();
    if (word.size() % 2 != 0) failed_ = true;
    std::vector<std::uint8_t> values;
    for (std::size_t i = 0; i + 1 < word.size(); i += 2) values.push_back(number<std::uint8_t>(word.substr(i, 2), 16));
    return values;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

constexpr std::array bus_codes{Errc::bus_nack,    Errc::bus_timeout,     Errc::bus_arbitration,
                               Errc::bus_io,      Errc::bus_unsupported, Errc::bus_permission,
                               Errc::bus_missing, Errc::bus_busy,        Errc::cancelled};
constexpr std::array remedies{Remedy::retry, Remedy::wait, Remedy::verify, Remedy::reinitialise, Remedy::give_up};

template <class Value, std::size_t N>
std::optional<Value> value_named(std::string_view name, const std::array<Value, N>& values) {
  for (const auto value : values) {
    if (to_string(value) == name) return value;
  }
  return std::nullopt;
}

std::optional<Error> parse_error(std::string_view code_name, Words& words, bool& is_bad) {
  const auto code = value_named(code_name, bus_codes);
  const auto remedy = value_named(words.next(), remedies);
  if (!code || !remedy) {
    is_bad = true;
    return std::nullopt;
  }
  return Error{*code, *remedy, std::string{words.rest()}};
}

std::optional<Transaction> parse_transaction(std::string_view line) {
  Words words{line};
  Transaction transaction;
  transaction.start = Microseconds{words.number<std::int64_t>(words.next())};
  transaction.took = Microseconds{words.number<std::int64_t>(words.next())};
  const auto kind = words.next();
  transaction.address = I2cAddress{words.byte()};
  if (kind == "r") {
    transaction.kind = Transaction::Kind::read;
    transaction.reg = words.byte();
    transaction.count = words.number<std::size_t>(words.next());
  } else if (kind == "w") {
    transaction.kind = Transaction::Kind::write;
    transaction.bytes = words.bytes();
  } else {
    return std::nullopt;
  }
  const auto outcome = words.next();
  bool is_bad = false;
  if (outcome != "ok") {
    transaction.error = parse_error(outcome, words, is_bad);
  } else if (transaction.kind == Transaction::Kind::read) {
    transaction.bytes = words.bytes();
    is_bad = transaction.bytes.size() != transaction.count;
  }
  if (words.failed() || is_bad) return std::nullopt;
  return transaction;
}

bool parse_header_line(std::string_view line, Recording& recording) {
  Words words{line};
  const auto key = words.next();
  if (key == "bus") {
    recording.bus = words.rest();
    return true;
  }
  if (key == "capabilities") {
    recording.capabilities.plain_i2c = words.next() == "plain_i2c";
    recording.capabilities.general_call = words.next() == "general_call";
    recording.capabilities.max_read = words.number<std::size_t>(words.next());
    return !words.failed();
  }
  return false;
}

tl::unexpected<Error> bad_line(std::size_t number, std::string_view why) {
  return failure(Errc::config_invalid, Remedy::give_up, "recording, line " + std::to_string(number) + ": " + std::string{why});
}

}  // namespace

std::string header_text(std::string_view bus, const Capabilities& capabilities) {
  std::string text{magic};
  text += "\nbus ";
  text += bus;
  text += "\ncapabilities ";
  text += capabilities.plain_i2c ? "plain_i2c" : "smbus_only";
  text += capabilities.general_call ? " general_call " : " no_general_call ";
  text += std::to_string(capabilities.max_read) + "\n";
  return text;
}

std::string to_text(const Transaction& transaction) {
  std::string line = std::to_string(transaction.start.count()) + " " + std::to_string(transaction.took.count());
  if (transaction.kind == Transaction::Kind::read) {
    line += " r " + hex(transaction.address.value()) + " " + hex(transaction.reg) + " " + std::to_string(transaction.count);
  } else {
    line += " w " + hex(transaction.address.value()) + " ";
    append_hex(line, transaction.bytes);
  }
  if (transaction.error) {
    line += " ";
    line += to_string(static_cast<Errc>(transaction.error->code.value()));
    line += " ";
    line += to_string(transaction.error->remedy);
    line += " ";
    for (const char c : transaction.error->detail) line += c == '\n' || c == '\r' ? ' ' : c;
  } else {
    line += " ok";
    if (transaction.kind == Transaction::Kind::read) {
      line += " ";
      append_hex(line, transaction.bytes);
    }
  }
  return line + "\n";
}

Result<Recording> parse_recording(std::string_view text) {
  Recording recording;
  std::size_t number = 0;
  bool in_header = true;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;  // the line that was being written when the power went
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    ++number;
    if (number == 1) {
      if (line != magic) return bad_line(1, "this is no recording of a bus: it should begin with \"" + std::string{magic} + "\"");
      continue;
    }
    if (line.empty() || line.front() == '#') continue;
    if (line == recording_cut_line.substr(0, recording_cut_line.size() - 1)) {
      recording.is_cut = true;
      break;
    }
    if (in_header && parse_header_line(line, recording)) continue;
    in_header = false;
    auto transaction = parse_transaction(line);
    if (!transaction) return bad_line(number, "not understood: \"" + std::string{line} + "\"");
    recording.transactions.push_back(std::move(*transaction));
  }
  if (number == 0) return bad_line(1, "the file is empty");
  return recording;
}

}  // namespace rbamp::bus
