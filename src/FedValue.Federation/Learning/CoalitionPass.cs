using FedValue.Kernels;
using FedValue.Kernels.Tiles;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Learning;

/// <summary>
/// One thread's way through coalitions, in buffers of its own: one coalition over all tiles, or a depth-first walk over coalitions, members
/// ascending, on a group of tiles that stays in the cache; there every coalition is one addition away from the one it was reached from.
/// </summary>
sealed class CoalitionPass
{
    const int GroupFloats = 1 << 15; // of a group's first layer: half a megabyte for four such buffers
    const int TilesMax = 16;

    readonly CoalitionSums _sums;
    readonly TiledNetwork _network;
    readonly TiledRows _rows;
    readonly int _members;
    readonly List<Memory<float>> _first = []; // by how many members are summed: the tiles of a group
    readonly List<Memory<float>> _deep = [];
    readonly Memory<float> _weights, _hidden;
    readonly Memory<float>[] _outputs;
    readonly double[] _losses = new double[TileLayer.Rows];
    int _firstTile, _tiles;
    double[] _allLosses = [];
    int[] _allCorrect = [];

    public CoalitionPass(CoalitionSums sums, TiledNetwork network, TiledRows rows)
    {
        (_sums, _network, _rows) = (sums, network, rows);
        _members = sums.Parts.Length;
        RequireLevels(2);
        _weights = Aligned.Singles(network.DeepLength);
        _hidden = Aligned.Singles(network.FirstLength);
        _outputs = network.Outputs();
    }

    /// <summary>
    /// How many tiles are walked together, which changes no bit: as many as the cache holds, or, where deeper layers have more weights than
    /// that, enough to be worth forming them.
    /// </summary>
    public static int TilesOfGroup(TiledNetwork network) =>
        Math.Clamp(Math.Max(GroupFloats, network.DeepLength) / network.FirstLength, 1, TilesMax);

    /// <summary>Adds losses and hits of one coalition, 1 or more ascending members, to one number per block.</summary>
    public void Score(ReadOnlySpan<int> members, Span<double> losses, Span<int> correct)
    {
        double divisor = 0;
        Span<float> deep = _deep[1].Span;
        deep.Clear();
        foreach (int member in members)
        {
            divisor += _sums.Divisors[member];
            if (_network.IsDeep && member != members[^1])
                CoalitionStep.Add(_sums.Parts[member].Deep.Span, _sums.Factors[member], deep, deep);
        }
        var scale = (float)(_sums.Scale / divisor);
        int last = members[^1];
        if (_network.IsDeep)
        {
            CoalitionStep.AddLastAndScale(_sums.Parts[last].Deep.Span, _sums.Factors[last], deep, scale, _sums.Origin.Deep.Span,
                _weights.Span, rectify: false);
        }
        Span<float> first = _first[1].Span[.._network.FirstLength];
        for (int tile = 0; tile < _rows.Tiles; tile++)
        {
            first.Clear();
            foreach (int member in members[..^1])
                CoalitionStep.Add(First(_sums.Parts[member], tile), _sums.Factors[member], first, first);
            CoalitionStep.AddLastAndScale(First(_sums.Parts[last], tile), _sums.Factors[last], first, scale, First(_sums.Origin, tile),
                _hidden.Span, _network.IsDeep);
            Measure(tile, losses, correct);
        }
    }

    /// <summary>
    /// Adds losses and hits on some tiles of the coalitions whose first members are given: those of the prefix among members
    /// 0 .. shared - 1, and any of the others.
    /// </summary>
    public void Walk(int prefix, int shared, int firstTile, int tiles, double[] losses, int[] correct)
    {
        (_firstTile, _tiles, _allLosses, _allCorrect) = (firstTile, tiles, losses, correct);
        RequireLevels(_members + 1);
        int level = 0;
        double divisor = 0;
        for (int member = 0; member < shared; member++)
        {
            if ((prefix >> member & 1) == 0)
                continue;
            divisor += _sums.Divisors[member];
            bool isCoalition = prefix >> (member + 1) == 0; // the whole prefix is one: the others are only on the way
            if (isCoalition)
                Join(level, member, prefix, divisor, isLast: false);
            else
                Pass(level, member);
            level++;
        }
        Descend(level, shared, prefix, divisor);
    }

    void Descend(int level, int next, int mask, double divisor)
    {
        for (int member = next; member < _members; member++)
        {
            int with = mask | 1 << member;
            bool isLast = member == _members - 1;
            Join(level, member, with, divisor + _sums.Divisors[member], isLast);
            if (!isLast)
                Descend(level + 1, member + 1, with, divisor + _sums.Divisors[member]);
        }
    }

    /// <summary>Level + 1 = level and a member more, without measuring.</summary>
    void Pass(int level, int member)
    {
        (TiledModel part, float factor) = (_sums.Parts[member], _sums.Factors[member]);
        CoalitionStep.Add(part.Deep.Span, factor, _deep[level].Span, _deep[level + 1].Span);
        for (int t = 0; t < _tiles; t++)
            CoalitionStep.Add(First(part, _firstTile + t), factor, Group(level, t), Group(level + 1, t));
    }

    /// <summary>Level + 1 = level and a member more, and that coalition's scores; its sums are left out where nobody goes on from them.</summary>
    void Join(int level, int member, int mask, double divisor, bool isLast)
    {
        (TiledModel part, float factor) = (_sums.Parts[member], _sums.Factors[member]);
        var scale = (float)(_sums.Scale / divisor);
        bool isDeep = _network.IsDeep;
        if (isDeep && isLast)
        {
            CoalitionStep.AddLastAndScale(
                part.Deep.Span, factor, _deep[level].Span, scale, _sums.Origin.Deep.Span, _weights.Span, rectify: false);
        }
        else if (isDeep)
        {
            CoalitionStep.AddAndScale(
                part.Deep.Span, factor, _deep[level].Span, _deep[level + 1].Span, scale, _sums.Origin.Deep.Span, _weights.Span, rectify: false);
        }
        Span<double> losses = _allLosses.AsSpan(mask * Jackknife.Blocks, Jackknife.Blocks);
        Span<int> correct = _allCorrect.Length == 0 ? [] : _allCorrect.AsSpan(mask * Jackknife.Blocks, Jackknife.Blocks);
        for (int t = 0; t < _tiles; t++)
        {
            int tile = _firstTile + t;
            ReadOnlySpan<float> own = First(part, tile), origin = First(_sums.Origin, tile);
            if (isLast)
                CoalitionStep.AddLastAndScale(own, factor, Group(level, t), scale, origin, _hidden.Span, isDeep);
            else
                CoalitionStep.AddAndScale(own, factor, Group(level, t), Group(level + 1, t), scale, origin, _hidden.Span, isDeep);
            Measure(tile, losses, correct);
        }
    }

    /// <summary>Adds what the hidden units of a tile come to, row by row.</summary>
    void Measure(int tile, Span<double> losses, Span<int> correct)
    {
        ReadOnlySpan<int> labels = _rows.Labels(tile);
        ReadOnlySpan<float> logits = _network.Logits(_hidden.Span, _weights.Span, _outputs);
        TileLosses.Of(logits, _network.Classes, labels, _losses);
        foreach (TiledRows.Segment segment in _rows.Segments(tile))
        {
            double sum = losses[segment.Block];
            for (int r = segment.First; r < segment.End; r++)
                sum += _losses[r];
            losses[segment.Block] = sum;
            for (int r = segment.First; r < segment.End && correct.Length > 0; r++)
            {
                if (TileLosses.Predicted(logits, _network.Classes, r) == labels[r])
                    correct[segment.Block]++;
            }
        }
    }

    /// <summary>Makes room for sums of 0 .. levels - 1 members; that of none is never written and stays 0.</summary>
    void RequireLevels(int levels)
    {
        int tiles = Math.Min(_rows.Tiles, TilesOfGroup(_network));
        for (int level = _first.Count; level < levels; level++)
        {
            _first.Add(Aligned.Singles(tiles * _network.FirstLength));
            _deep.Add(Aligned.Singles(_network.DeepLength));
        }
    }

    Span<float> Group(int level, int t) => _first[level].Span.Slice(t * _network.FirstLength, _network.FirstLength);

    Span<float> First(TiledModel model, int tile) => model.First.Span.Slice(tile * _network.FirstLength, _network.FirstLength);
}
