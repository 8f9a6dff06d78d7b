#include "metering/sign_watch.hpp"

namespace rbamp::metering {

bool SignWatch::add(BootTime at, Watts power) {
  if (role_ != Role::load && role_ != Role::solar) return false;
  const bool is_wrong = role_ == Role::load ? power < least_of_load : power > most_of_solar;
  if (!since_ || is_wrong != was_wrong_) {
    since_ = at;
    was_wrong_ = is_wrong;
  }
  if (at - *since_ < hold) return false;
  if (!is_wrong) {
    // A load that idles at 0 W proves nothing, but it does not keep the suspicion alive either.
    is_told_ = false;
    return false;
  }
  if (is_told_) return false;
  is_told_ = true;
  return true;
}

}  // namespace rbamp::metering
