-- The end of the newest window of a service whose results are stored, so that records of it that a
-- journal still holds are not counted again. NULL: nothing was stored yet.
ALTER TABLE services ADD COLUMN closed_through_ns INTEGER;
