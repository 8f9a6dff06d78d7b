// A captured wave form in characters. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "commissioning/waveform.hpp"

namespace rbamp::ctl {

/// `height` lines of at most `width` columns, scaled to the wave's own size around the middle code, with codes at the left.
[[nodiscard]] std::vector<std::string> draw_wave(const commissioning::Waveform& wave, std::size_t width, std::size_t height,
                                                 bool has_unicode);

}  // namespace rbamp::ctl
