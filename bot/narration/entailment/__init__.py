"""Whether a sentence says nothing but what given statements say. Pure; start reading at `carried.py`.

lexicon   closed lists and the table of the field's synonyms
words     base forms, contractions, characters that may stand in a sentence
reading   from a text to clauses: subjects, concepts with polarity, quantities, other words
carried   a clause against a statement; a sentence against all that it cites
languages what can be compared where a sentence is not English
"""
