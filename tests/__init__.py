"""Tests of SkillGraph."""
