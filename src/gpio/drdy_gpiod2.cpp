// DRDY with libgpiod 2.x (Debian 13). The kernel numbers edges, so dropped ones are known.
#include <gpiod.hpp>

#include <cerrno>
#include <optional>
#include <system_error>

#include "gpio/edge_clock.hpp"
#include "gpio/edge_tally.hpp"
#include "gpio/line_search.hpp"
#include "gpio/open_drdy.hpp"

namespace rbamp::gpio {
namespace {

constexpr const char* consumer_name = "rbampd";
// About a minute of windows of one module: a loop that was busy for seconds still sees every edge.
constexpr std::size_t kernel_queue = 256;

std::string line_text(const LinePlace& place) { return "GPIO line " + std::to_string(place.offset) + " of " + place.path; }

/// The library throws std::system_error for what the kernel refuses and its own types for misuse; all end here.
template <class T, class Call>
Result<T> guarded(const std::string& what, Call call) {
  try {
    return call();
  } catch (const std::system_error& error) {
    return failure(gpio_error(error.code().value(), what));
  } catch (const std::exception& error) {
    return failure(Errc::bus_io, Remedy::reinitialise, what + ": " + error.what());
  }
}

Result<ChipFacts> look_at(const std::string& path, const std::string& line_name) {
  return guarded<ChipFacts>(path, [&] {
    const gpiod::chip chip{path};
    const auto info = chip.get_info();
    ChipFacts facts{.label = info.label(), .line_count = static_cast<unsigned>(info.num_lines()), .named_line = std::nullopt};
    if (!line_name.empty()) {
      const int offset = chip.get_line_offset_from_name(line_name);
      if (offset >= 0) facts.named_line = static_cast<unsigned>(offset);
    }
    return facts;
  });
}

class Gpiod2Line final : public DrdyLine {
 public:
  Gpiod2Line(gpiod::line_request request, LinePlace place)
      : request_(std::move(request)), place_(std::move(place)), buffer_(kernel_queue) {}

  [[nodiscard]] int fd() const override { return request_.fd(); }

  [[nodiscard]] Result<Edges> drain() override {
    return guarded<Edges>(line_text(place_), [this] {
      tally_.begin();
      request_.read_edge_events(buffer_);
      for (const auto& event : buffer_) {
        tally_.add(EdgeTime{std::chrono::nanoseconds{event.timestamp_ns().ns()}}, event.line_seqno());
      }
      return tally_.edges(boot_minus_monotonic());
    });
  }

  [[nodiscard]] Result<bool> is_low() const override {
    return guarded<bool>(line_text(place_), [this] { return request_.get_value(place_.offset) == gpiod::line::value::INACTIVE; });
  }

  [[nodiscard]] std::string describe() const override { return line_text(place_); }

 private:
  mutable gpiod::line_request request_;  // the library's get_value() is not const, though it changes nothing
  LinePlace place_;
  gpiod::edge_event_buffer buffer_;
  EdgeTally tally_;
};

std::string consumer_of(const LinePlace& place) {
  const auto consumer =
      guarded<std::string>(line_text(place), [&place] { return gpiod::chip{place.path}.get_line_info(place.offset).consumer(); });
  return consumer.value_or(std::string{});
}

}  // namespace

Result<std::unique_ptr<DrdyLine>> open_drdy(const DrdyRequest& request) {
  const auto place = find_line(request, chip_paths(), look_at);
  if (!place) return failure(place.error());
  auto line = guarded<std::unique_ptr<DrdyLine>>(line_text(*place), [&place]() -> std::unique_ptr<DrdyLine> {
    auto settings = gpiod::line_settings{};
    settings.set_direction(gpiod::line::direction::INPUT)
        .set_edge_detection(gpiod::line::edge::FALLING)
        .set_bias(gpiod::line::bias::PULL_UP);
    auto requested = gpiod::chip{place->path}
                         .prepare_request()
                         .set_consumer(consumer_name)
                         .set_event_buffer_size(kernel_queue)
                         .add_line_settings(place->offset, settings)
                         .do_request();
    return std::make_unique<Gpiod2Line>(std::move(requested), *place);
  });
  if (!line && line.error().is(Errc::bus_busy)) return failure(gpio_error(EBUSY, line_text(*place), consumer_of(*place)));
  return line;
}

}  // namespace rbamp::gpio
