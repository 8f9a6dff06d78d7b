#include "fleet/bus_opener.hpp"

#include <algorithm>
#include <utility>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::fleet {
namespace {

namespace field = log::field;
namespace message_id = log::message_id;

constexpr Microseconds first_pause = std::chrono::seconds{1};
constexpr Microseconds longest_pause = std::chrono::seconds{60};

}  // namespace

BusOpener::BusOpener(std::string name, BusContext context, Events events)
    : name_(std::move(name)), context_(context), events_(std::move(events)), pause_(first_pause) {}

void BusOpener::open() {
  context_.run(
      alive_,
      [](BusStation& station) -> Result<bus::Capabilities> {
        if (auto result = station.open(); !result) return failure(std::move(result.error()));
        return station.capabilities();
      },
      [this](const Result<bus::Capabilities>& result) { opened(result); });
}

void BusOpener::opened(const Result<bus::Capabilities>& result) {
  ++attempts_;
  if (is_stopped_) return;
  if (!result) {
    if (!error_ || error_->detail != result.error().detail) {
      context_.log.error("Bus \"" + name_ + "\" cannot be opened: " + result.error().detail + ". Trying again.",
                         {{field::bus, name_}}, message_id::bus_lost);
    }
    error_ = result.error();
    timer_ = context_.scheduler.call_after(pause_, [this] { open(); });
    pause_ = std::min(pause_ * 2, longest_pause);
    events_.failed();
    return;
  }
  is_open_ = true;
  if (error_ || was_lost_) context_.log.info("Bus \"" + name_ + "\" works again", {{field::bus, name_}}, message_id::bus_back);
  error_.reset();
  opened_at_ = context_.scheduler.clock().boot_now();
  events_.opened(*result);
}

void BusOpener::lost(const Error& error) {
  if (!is_open_) return;
  is_open_ = false;
  was_lost_ = true;
  error_ = error;
  context_.log.error("Bus \"" + name_ + "\" is gone: " + error.detail + ". Trying to open it again.", {{field::bus, name_}},
                     message_id::bus_lost);
  // One that opens and is gone at the first transfer, again and again, is not tried every second for ever.
  if (context_.scheduler.clock().boot_now() - opened_at_ >= longest_pause) pause_ = first_pause;
  timer_ = context_.scheduler.call_after(pause_, [this] { open(); });
  pause_ = std::min(pause_ * 2, longest_pause);
}

void BusOpener::stop() {
  is_stopped_ = true;
  timer_.cancel();
}

}  // namespace rbamp::fleet
