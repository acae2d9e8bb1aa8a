using System.Xml.Linq;
using FedValue.Federation.Learning;
using static FedValue.Cli.Reporting.Html;

namespace FedValue.Cli.Reporting;

/// <summary>The classes of the rows a participant trains on: one bar per class, in the same order and scale for everybody.</summary>
sealed class ClassMix
{
    const double Height = 24, WidthMax = 96, StepMax = 9;
    const int NamedMax = 12;

    /// <summary>A wider table says nothing to anybody.</summary>
    const int ColumnsMax = 40;

    readonly IReadOnlyList<string> _classes;
    readonly int[][] _counts;
    readonly double[][] _shares;
    readonly double _largest;

    public ClassMix(IReadOnlyList<string> classes, IEnumerable<LabelledRows> participants)
    {
        _classes = classes;
        _counts = [.. participants.Select(rows => Count(rows, classes.Count))];
        _shares = [.. _counts.Select(counts => Array.ConvertAll(counts, count => count / (double)Math.Max(1, counts.Sum())))];
        _largest = _shares.Max(shares => shares.Max());
    }

    public XElement Draw(int participant)
    {
        double step = Math.Clamp(WidthMax / _classes.Count, 1, StepMax), bar = step > 3 ? step - 1.5 : step;
        return Tag("svg.mix", At("width", Svg.Unit(step * _classes.Count)), At("height", Svg.Unit(Height)), At("role", "img"),
            Svg.Title(Describe(participant)),
            _shares[participant].Select((share, c) => (Tall: share / _largest * (Height - 2), Left: c * step)).Where(b => b.Tall > 0)
                .Select(b => Svg.Rect("share", Svg.Unit(b.Left), Height - 1 - b.Tall, Svg.Unit(bar), b.Tall)),
            Svg.Line("zero", 0, Height - 0.5, step * _classes.Count, Height - 0.5));
    }

    public XElement Table(IReadOnlyList<string> ids, IReadOnlyList<int> order)
    {
        int shown = Math.Min(_classes.Count, ColumnsMax);
        XElement Row(int k) => Tag("tr", RowHead(ids[k]), _counts[k].Take(shown).Select(count => Number(Figures.Count(count))));
        string some = shown < _classes.Count ? $" The first {Figures.Count(shown)} of {Figures.Count(_classes.Count)} classes." : "";
        return Foldout("Table: rows per class",
            Paragraph("Labels as each participant trains on them, after what was done to it." + some, "soft"),
            Scrolling("Rows per class", Tag("table.grid",
                HeaderRow([Column("participant"), .. _classes.Take(shown).Select(name => Column(name, "num"))]),
                Tag("tbody", order.Select(Row)))));
    }

    string Describe(int participant)
    {
        IEnumerable<string> named = _classes.Zip(_counts[participant], (name, count) => $"{name}: {Figures.Count(count)}");
        string rest = _classes.Count > NamedMax ? $", and {Figures.Count(_classes.Count - NamedMax)} classes more" : "";
        return "rows per class: " + string.Join(", ", named.Take(NamedMax)) + rest;
    }

    static int[] Count(LabelledRows rows, int classes)
    {
        var counts = new int[classes];
        foreach (int label in rows.Labels)
            counts[label]++;
        return counts;
    }
}
