"""The place of tests that break what Roundtable stands on: databases, queues, mail, disks."""
