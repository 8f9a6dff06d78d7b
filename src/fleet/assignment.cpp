#include "fleet/assignment.hpp"

#include <algorithm>
#include <iterator>

namespace rbamp::fleet {

Assignment completed(Assignment assignment, protocol::Variant variant) {
  const std::size_t inputs = channel_count(variant);
  if (assignment.channels.empty()) {
    for (std::size_t i = 0; i < inputs; ++i) {
      const auto number = std::to_string(i);
      assignment.channels.push_back({ChannelIndex{static_cast<std::uint8_t>(i)}, "ch" + number,
                                     inputs == 1 ? assignment.name : assignment.name + " " + std::to_string(i + 1), false});
    }
  }
  std::erase_if(assignment.channels, [&](const ChannelAssignment& channel) { return channel.index.value() >= inputs; });
  return assignment;
}

std::vector<ChannelAssignment> without_input(const Assignment& assignment, protocol::Variant variant) {
  std::vector<ChannelAssignment> beyond;
  std::copy_if(assignment.channels.begin(), assignment.channels.end(), std::back_inserter(beyond),
               [&](const ChannelAssignment& channel) { return channel.index.value() >= channel_count(variant); });
  return beyond;
}

bool has_same_channels(const Assignment& left, const Assignment& right) {
  return std::equal(left.channels.begin(), left.channels.end(), right.channels.begin(), right.channels.end(),
                    [](const auto& a, const auto& b) { return a.index == b.index && a.id == b.id; });
}

}  // namespace rbamp::fleet
