#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/observation.hpp"

#include <memory>

namespace reprise::pipeline {

// Where decoded batches enter the stream.
class intake {
public:
    virtual ~intake() = default;

    // Takes one batch into the open windows of its services. Safe from any thread, never blocks on
    // disk. errc::unavailable when the shards hold more undigested bytes than their limit: the sender
    // must be told to come back, nothing of the batch was taken then. Success: all of it was taken.
    virtual result<void> offer(std::shared_ptr<const model::observation_batch> batch) = 0;
};

}  // namespace reprise::pipeline
