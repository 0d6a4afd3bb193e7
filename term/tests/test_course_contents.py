"""Every fact that the five courses' lectures state, shown to the student whom it concerns, and none of another edition."""

from datetime import date
from pathlib import Path

import pytest

from courses.course_file.reading import read_course_file
from courses.models import Role
from term.course_file.load import load_course
from tests import factories as make
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
BLUEPRINTS = Path(__file__).resolve().parents[2] / "courses" / "blueprints"
MONDAY = date(2026, 9, 7)
CS231N = "https://cs231n.github.io/python-numpy-tutorial/"
DATAQUEST = "https://www.dataquest.io/blog/jupyter-notebook-tutorial/"

FACTS = {
    "xmu-dl-2020": [
        "Slides are in English, the lecture is in Chinese; write your work in either",
        "in this one place (SPOC)",
        "DingTalk group",
        "dl-2020@gradus.example",
        "No eating and no phones in class.",
        "Python in all assignments; PyTorch and TensorFlow later",
        CS231N,
        DATAQUEST,
        "Python 3.7, PyCharm and Jupyter Notebook",
        "Chapters 1–3 of the textbook",
        "The English versions are open, the Chinese ones can be bought",
        "NeurIPS, ICML, CVPR, ACL, IJCAI, AAAI, KDD, ICLR",
        "Questions are .ipynb files, answers are .ipynb files",
        "Google Colab",
        "A topic of your own research group is fine",
        "vision, language, reinforcement learning, recommendation",
        "https://www.aaai.org/Publications/Templates/AuthorKit21.zip",
        "Final exam 30 %",
        "Assignments 30 %",
        "Project 40 %",
        "Proposal 4 %",
        "Report 28 %",
        "By the lecturer 4 %",
        "Peer ranking 4 %",
        "Basics of machine learning and neural networks",
        "Regularisation and optimisation",
        "Hardware and software",
        "Convolutional neural networks (CNN)",
        "Recurrent neural networks (RNN)",
        "Generative adversarial networks (GAN)",
        "Deep reinforcement learning",
        "Graph convolutional networks (GCN)",
        "; Teaching assistant",
    ],
    "xmu-dl-2025": [
        "dl-2025@gradus.example",
        "Phone or WeChat",
        "https://lecturer.gradus.example/",
        "https://video.gradus.example/deep-learning",
        "TA 1, Informatics",
        "TA 6, Artificial Intelligence",
        "dl-ta4@gradus.example · +86 592 000 0004",
        "No eating and no phones in class.",
        CS231N,
        DATAQUEST,
        "Install Python, PyCharm and Jupyter, and",
        "https://aaai.org/authorkit25/",
        "A topic of your own research is fine",
        "Hand in a notebook with code, its running results and your analysis",
        "your own computer, in the lab, on the department’s machines",
        "with the GPUs of Google Colab or Kaggle",
        "CVPR, ICCV, ECCV",
        "ACL, EMNLP, NAACL",
        "IJCAI, AAAI",
        "NeurIPS, ICML, ICLR",
        "Assignments 20 %",
        "Project 80 %",
        "Proposal 16 %",
        "Report 48 %",
        "Presentation or poster 16 %",
        "optional. If you hand in none of it, you are judged on the rest alone",
        "×0.9",
        "×0.7",
        "×0.5",
        "Language models",
        "Large models",
        "AI-generated content",
        "Self-supervised learning",
        "Meta-learning",
        "Advanced topics",
        "Graphs",
    ],
    "sustech-cs324": [
        "cs324@gradus.example",
        "By appointment",
        "In class and in the labs",
        "QQ group",
        "QR code",
        "Blackboard",
        "Lecture: Monday",
        "Lab: Wednesday",
        "Introduction, assessment structure",
        "Lab 1: PyTorch, overview of the assignments",
        "Linear algebra, tensors, history, biological neurons, perceptron",
        "Lab 2: assignment 1 is out (MLP, back-propagation)",
        "Hidden layer, MLP, gradient descent, back-propagation",
        "Batch and stochastic gradient descent",
        "Normalisation, L1 and L2, dropout, learning rate, initialisation",
        "Lab 6: assignment 2 is out (CNNs, RNNs)",
        "Modern architectures, vanishing gradients, inception",
        "Back-propagation through time, exploding and vanishing gradients, LSTM",
        "manifold hypothesis, PCA, kernel PCA",
        "Lab 10: assignment 3 is out (GANs, VAEs)",
        "Variational inference, VAE, (optional) Boltzmann machines",
        "Adversarial attack and defence",
        "Graph-based learning, graph CNNs",
        "Lab 13: work on assignment 3",
        "the format depends on the cohort",
        "revision, questions",
        "deep reinforcement learning",
        "Bellman equation, Q-learning, policy-based and model-based",
        "Two thirds into the course",
        "or a demo on chips",
        "real-time GAN face interpolation",
        "Plagiarism is not tolerated. Cite your sources.",
        "Goodfellow, Bengio, Courville, Deep learning, MIT Press 2016",
        "https://www.deeplearningbook.org/",
        "Chollet, Deep learning with Python, Manning 2017",
        "Nielsen, Neural networks and deep learning, Determination Press 2015",
        "Final exam 40 %",
        "Presentation 5 %",
        "Demo on Chips or another demo 10 %",
        "Assignment 1: MLP and back-propagation 15 %",
    ],
    "ecnu-dl-module": [
        "Why deep learning",
        "Dr. Wren Alder",
        "Machine Learning (2012)",
        "Deep Learning (2016)",
        "deeplearningbook.org",
        "Dive into Deep Learning (2018)",
        "https://zh.d2l.ai/",
        "Theory: COLT",
        "ICML, NIPS, ICLR",
        "CVPR, ICCV, ACL, KDD, SIGIR, WWW",
        "JMLR, MLJ",
        "TPAMI, AIJ, TKDE, TIP",
        "http://pytorch.org/",
        "https://keras.io",
        "https://www.tensorflow.org",
        "http://www.image-net.org",
        "https://www.cs.toronto.edu/~kriz/cifar.html",
        "http://cocodataset.org",
        "http://yann.lecun.com/exdb/mnist/",
        "https://github.com/ChristosChristofidis/awesome-deep-learning",
        "There is no assessment in this module",
    ],
    "help-dl-workshop": [
        "Introduction to AI",
        "What deep learning is",
        "The fuss",
        "Inside the black box",
        "A survey of topics",
        "Have fun",
        "Deep Learning Specialization",
        "TensorFlow in Practice",
        "By deeplearning.ai.",
        "PyTorch tutorials",
        "pytorch.org",
        "Goodfellow, Bengio, Courville",
        "Code and data sets",
        "Quora and Stack Overflow",
        "Lex Fridman",
        "Kaggle, GitHub, Google Dataset Search",
        "Attendance is taken; there are no grades",
    ],
}
NOT_SAID = {
    "xmu-dl-2025": ["DingTalk", "Chapters 1–3", "Python 3.7", "Final exam", "AuthorKit21", "2021"],
    "xmu-dl-2020": ["Kaggle", "WeChat", "authorkit25", "optional. If you hand in none", "×0.9"],
    "sustech-cs324": ["DingTalk", "AAAI", "×0.9"],
    "ecnu-dl-module": ["What counts how much", "%"],
    "help-dl-workshop": ["What counts how much", "%"],
}


def loaded(name):
    course = load_course(read_course_file((BLUEPRINTS / f"{name}.yaml").read_bytes(), week_one=MONDAY), week_one=MONDAY)
    course.is_published = True
    course.save()
    return course


def plain(text):
    return text.replace("&#x27;", "'").replace("’", "'").replace("&amp;", "&").replace("&quot;", '"')


@pytest.mark.parametrize("name", FACTS)
def test_a_student_finds_every_fact_on_the_syllabus(client, name):
    student = make.enrol(loaded(name))

    page = as_person(client, student).get(f"/courses/{name}/syllabus/")

    shown = plain(f"{words_of(page)} {text_of(page)}")
    assert [fact for fact in FACTS[name] if plain(fact) not in shown] == []


@pytest.mark.parametrize("name", NOT_SAID)
def test_what_one_edition_does_not_say_is_not_copied_from_another(client, name):
    student = make.enrol(loaded(name))

    shown = words_of(as_person(client, student).get(f"/courses/{name}/syllabus/"))

    assert [fact for fact in NOT_SAID[name] if fact in shown] == []


@pytest.mark.parametrize(
    ("name", "kit", "section"),
    [
        ("xmu-dl-2020", "https://www.aaai.org/Publications/Templates/AuthorKit21.zip", "Proposed solution"),
        ("xmu-dl-2025", "https://aaai.org/authorkit25/", "Proposed solution"),
    ],
)
def test_a_stage_offers_the_author_kit_and_a_skeleton(client, name, kit, section):
    student = make.enrol(loaded(name))
    page = text_of(as_person(client, student).get(f"/courses/{name}/project/"))
    assert page.count(f'href="{kit}"') == 2

    skeleton = client.get(f"/courses/{name}/assignments/report/skeleton.tex")

    text = skeleton.content.decode()
    assert "twocolumn" in text
    assert f"\\section{{{section}}}" in text
    assert "% * What do you observe and conclude?" in text
    assert kit in text
    assert client.get(f"/courses/{name}/assignments/presentation/skeleton.tex").status_code == 404


def test_the_workshop_has_attendance_and_a_notebook_and_no_scheme(client):
    course = loaded("help-dl-workshop")
    lecturer = make.enrol(course, Role.LECTURER)

    assert [item.title for item in course.assignments.entered()] == ["Attendance"]
    assert "Attendance" in words_of(as_person(client, lecturer).get("/courses/help-dl-workshop/marks/"))
    assert not course.schemes.exists()
