"""Files that nobody means well with, or that something has damaged, made by generators from fixed seeds.

Tests read each of them and the benchmark times them. A file ends in rows or in a refusal with words for people;
``codes`` names the refusals that are due, none where either end is right.
"""
