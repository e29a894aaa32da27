"""What a host is not there for: a question that lies nearer to these than to all that it knows is none of its own.

A class of its own for what is out of scope, as in Larson et al. 2019, "An Evaluation Dataset for Intent Classification
and Out-of-Scope Prediction". A persona that does know about one of these has phrasings that lie nearer.
"""

from typing import Final

STRANGE: Final = tuple(
    line.strip()
    for line in """
    what is the capital of spain
    what is the longest river on earth
    how many people live in china
    how big is the sun
    how deep is the ocean
    how high is the eiffel tower
    why is the sky blue
    how do birds fly
    what is the speed of light
    who invented the telephone
    who wrote romeo and juliet
    who discovered america
    when did the roman empire fall
    when was napoleon born
    who is the king of england
    who is the prime minister
    who will win the election
    what do you think about politics
    what is in the news today
    who won the match
    what is the score of the game
    who is the best tennis player
    do you like sports
    what is your favorite color
    what is your favorite song
    what is your favorite food
    which film did you see last
    do you have a girlfriend
    do you believe in god
    what is the meaning of life
    should i leave my husband
    should i quit my job
    does he love me
    what should i name my baby
    am i pretty
    what am i thinking
    tell me my future
    what is my horoscope
    what will happen tomorrow
    what is twelve plus nine
    what is the square root of two
    how much is ten percent of fifty
    solve this equation
    how many miles are in a kilometer
    convert dollars to euros
    what is the exchange rate
    spell the word necessary
    how do you say good morning in russian
    translate this sentence
    what does this word mean
    write a poem
    write an email for me
    help me with my homework
    sing a song
    turn on the radio
    play a video
    set an alarm for seven
    remind me to call my mother
    set a timer for ten minutes
    turn off the lights
    call my wife
    send a message to my boss
    open the window
    what is on television tonight
    how do i cook rice
    how long do i boil an egg
    give me a recipe for soup
    order dinner from a restaurant in town
    book a table at a restaurant
    recommend a good bar in the city
    which pub should we go to tonight
    where is a cheap place to sleep in town
    book a room in a hotel
    book a flight to paris
    when does my plane leave
    when does the train to berlin leave
    is my flight on time
    how is the traffic
    what is the weather like in rome
    where is a pharmacy
    where is the nearest gas station
    where is a shopping mall
    where can i buy shoes
    where is the police station
    where is the swimming pool in town
    what can i do in this city tonight
    which shares will go up
    what is the price of gold
    how do i get rich
    lend me some money
    how do i repair my bicycle
    my washing machine is broken
    my laptop does not start
    how do i reset my password
    how do i remove a stain
    how do i plant tomatoes
    feed my cat while i am on holiday
    clean my room
    do my laundry
    buy me a beer
    what is my name
    where do i live
    what is my mother doing
    who is that man over there
    what are those people talking about
    who was here before me
    how much do you earn
    how many people work here
    how much did this building cost
    who owns this place
    is your boss in today
    can i speak to the director personally
    how many guests came yesterday
    what is the telephone number of the mayor
    what time is it in new york
    what day was it yesterday
    how old is the universe
    are there aliens
    tell me about dinosaurs
    tell me about quantum physics
    how does a computer work
    how do vaccines work
    what is the best car
    which phone should i buy
    what should i wear to a wedding
    how do i lose weight
    how do i learn the guitar
    what is the population of the world
    what is the largest animal
    how fast can a cheetah run
    is the earth flat
    who was the first man in space
    how far is it to mars
    who is the chancellor of germany
    who is the most famous actor
    who is the richest person in the world
    who was the first pope
    what year did the titanic sink
    when did the cold war end
    why did the war begin
    which country has the most people
    what is the highest waterfall in the world
    what is the biggest city in africa
    what language do they speak in brazil
    do you like music
    do you like animals
    do you like chocolate
    do you like basketball or tennis
    do you have brothers and sisters
    what is your favorite book
    what is your favorite film star
    what is your favorite animal
    do you watch television
    play my favorite song
    play jazz
    put on some dance music
    turn up the volume
    tell me a story
    tell me the latest news
    read me the newspaper
    show me a film
    sing happy birthday
    how do i make a cake
    how do i bake cookies
    how do i make coffee at home
    how do i roast a chicken
    how do i change a light bulb
    how do i change the oil of my car
    how do i paint a wall
    how do i tie a tie
    how do i fix a leaking pipe
    how do i mend a broken chair
    how do i get a visa
    how do i write an application
    my car does not start
    my printer is not working
    i want to order sushi
    bring me a burger
    i want to buy a house
    i want to sell my car
    which bank is the best
    should i invest in bitcoin
    which insurance do i need
    how far is the sun
    how hot is lava
    how many legs does a spider have
    how many planets are there
    how tall is a giraffe
    how long do elephants live
    explain the theory of relativity
    what is a black hole
    correct my spelling
    summarize this text for me
    """.strip().splitlines()
)
