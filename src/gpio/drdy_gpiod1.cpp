// DRDY with libgpiod 1.6 (Debian 12). Its kernel queue holds 16 edges; further ones are dropped and nothing tells.
#include <gpiod.hpp>

#include <system_error>

#include "gpio/edge_clock.hpp"
#include "gpio/edge_tally.hpp"
#include "gpio/line_search.hpp"
#include "gpio/open_drdy.hpp"

namespace rbamp::gpio {
namespace {

constexpr const char* consumer_name = "rbampd";

std::string line_text(const LinePlace& place) { return "GPIO line " + std::to_string(place.offset) + " of " + place.path; }

/// The library throws std::system_error for what the kernel refuses and std::logic_error for misuse; both end here.
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
    const gpiod::chip chip{path, gpiod::chip::OPEN_BY_PATH};
    ChipFacts facts{.label = chip.label(), .line_count = chip.num_lines(), .named_line = std::nullopt};
    if (!line_name.empty()) {
      if (const auto line = chip.find_line(line_name)) facts.named_line = line.offset();
    }
    return facts;
  });
}

class Gpiod1Line final : public DrdyLine {
 public:
  Gpiod1Line(gpiod::chip chip, gpiod::line line, LinePlace place)
      : chip_(std::move(chip)), line_(std::move(line)), place_(std::move(place)), fd_(line_.event_get_fd()) {}
  ~Gpiod1Line() override {
    // Throws only for a line that is not requested; a destructor must not.
    (void)guarded<bool>(line_text(place_), [this] {
      line_.release();
      return true;
    });
  }
  Gpiod1Line(const Gpiod1Line&) = delete;
  Gpiod1Line& operator=(const Gpiod1Line&) = delete;

  [[nodiscard]] int fd() const override { return fd_; }

  [[nodiscard]] Result<Edges> drain() override {
    return guarded<Edges>(line_text(place_), [this] {
      tally_.begin();
      for (const auto& event : line_.event_read_multiple()) tally_.add(EdgeTime{event.timestamp}, std::nullopt);
      return tally_.edges(boot_minus_monotonic());
    });
  }

  [[nodiscard]] Result<bool> is_low() const override {
    return guarded<bool>(line_text(place_), [this] { return line_.get_value() == 0; });
  }

  [[nodiscard]] std::string describe() const override { return line_text(place_); }

 private:
  gpiod::chip chip_;  // the line stays requested only while its chip is open
  gpiod::line line_;
  LinePlace place_;
  int fd_;
  EdgeTally tally_;
};

}  // namespace

Result<std::unique_ptr<DrdyLine>> open_drdy(const DrdyRequest& request) {
  const auto place = find_line(request, chip_paths(), look_at);
  if (!place) return failure(place.error());
  std::string used_by;
  auto line = guarded<std::unique_ptr<DrdyLine>>(line_text(*place), [&]() -> std::unique_ptr<DrdyLine> {
    gpiod::chip chip{place->path, gpiod::chip::OPEN_BY_PATH};
    auto found = chip.get_line(place->offset);
    used_by = found.consumer();
    found.request({consumer_name, gpiod::line_request::EVENT_FALLING_EDGE, gpiod::line_request::FLAG_BIAS_PULL_UP});
    return std::make_unique<Gpiod1Line>(std::move(chip), std::move(found), *place);
  });
  if (!line && line.error().is(Errc::bus_busy)) return failure(gpio_error(EBUSY, line_text(*place), used_by));
  return line;
}

}  // namespace rbamp::gpio
