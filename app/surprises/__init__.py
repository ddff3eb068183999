"""Surprises: presents drawn at random, within a budget and the caps on prizes."""
