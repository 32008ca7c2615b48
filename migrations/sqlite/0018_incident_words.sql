-- The sentence with the numbers stands beside the title, which is short from now on.
ALTER TABLE incidents ADD COLUMN explanation TEXT NOT NULL DEFAULT '';
UPDATE incidents SET explanation = title;
