#include "commissioning/flash_write.hpp"

#include <array>
#include <utility>

#include "commissioning/reboot.hpp"

namespace rbamp::commissioning {

using protocol::Command;
using protocol::ErrorCode;
using std::chrono::milliseconds;

namespace {

constexpr int most_commands = 4;  // on a host that loses every fifth acknowledge, one in 600 still fails
constexpr Microseconds flash_limit = std::chrono::seconds{2};
constexpr Microseconds answer_limit = milliseconds{100};  // far below the 700 ms for which a writing module is silent

std::string_view words_of(Command command) {
  return command == Command::commit_addr ? "the command that stores its address" : "the command that stores its settings";
}

}  // namespace

Result<void> write_flash(const ModuleLink& module, Command command) {
  const auto before = module.read_error_code();
  if (!before) return failure(before.error());
  const std::array bytes = protocol::encode(command);
  bool is_sent = false;
  for (int i = 0; i < most_commands && !is_sent; ++i) {
    is_sent = module.bus().send_once(module.address(), bytes).has_value();
    if (is_sent) break;
    module.pause(milliseconds{2});
    // Silence means that it took the command in spite of the error, and writes.
    is_sent = !comes_back(module.bus(), module.address(), answer_limit);
  }
  if (!is_sent) {
    return failure(Errc::bus_nack, Remedy::retry,
                   module.name() + " did not take " + std::string{words_of(command)} + ": nothing was stored");
  }
  module.pause(protocol::settle_time(command));
  if (!comes_back(module.bus(), module.address(), flash_limit)) {
    return failure(Errc::bus_nack, Remedy::give_up,
                   module.name() + " does not answer any more since " + std::string{words_of(command)} + ": " +
                       where_is(module.bus(), module.identity().uid, module.address()));
  }
  const auto code = module.read_error_code();
  if (!code) return failure(code.error());
  if (*code == ErrorCode::flash_params_bad) {
    return failure(Errc::rejected, Remedy::give_up,
                   module.name() +
                       " lost its settings while it stored them (REG_ERROR 0xFB): its supply failed, or its flash is worn "
                       "out. It has factory defaults now: set it up again with rbampctl provision " +
                       to_string(module.address()));
  }
  return module.check_outcome(words_of(command));
}

Error half_stored(const ModuleLink& module, Error error, std::string_view state, std::string_view way_on) {
  const auto code = module.read_error_code();
  if (!code || *code == ErrorCode::flash_params_bad) return error;
  return half_done(std::move(error), state, way_on);
}

}  // namespace rbamp::commissioning
