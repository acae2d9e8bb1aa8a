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
    const int UnitsAtOnce = 128; // hidden units of a tile: 16 KiB

    readonly CoalitionSums _sums;
    readonly TiledNetwork _network;
    readonly TiledRows _rows;
    readonly int _last;
    readonly List<Memory<float>> _first = []; // by how many members are summed: the tiles of a group
    readonly List<Memory<float>> _deep = [];
    readonly CoalitionModel _without, _with;
    readonly TileMeasure _measure;
    int _firstTile, _tiles;
    double[] _allLosses = [];
    int[] _allCorrect = [];

    public CoalitionPass(CoalitionSums sums, TiledNetwork network, TiledRows rows)
    {
        (_sums, _network, _rows) = (sums, network, rows);
        _last = sums.Parts.Length - 1;
        _measure = new TileMeasure(rows, network.Classes);
        (_without, _with) = (new CoalitionModel(network), new CoalitionModel(network));
        RequireLevels(2);
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
                CoalitionStep.Add(Deep(member), deep, deep);
        }
        int last = members[^1];
        _without.Scale = (float)(_sums.Scale / divisor);
        if (_network.IsDeep)
            CoalitionStep.AddAndScale(Deep(last), deep, _sums.Origin.Deep.Span, _without.Deep, rectify: false);
        Span<float> first = _first[1].Span[.._network.FirstLength];
        for (int tile = 0; tile < _rows.Tiles; tile++)
        {
            first.Clear();
            foreach (int member in members[..^1])
                CoalitionStep.Add(First(member, tile), first, first);
            Pass(last, tile, first);
            _measure.Add(tile, _network.Logits(_without), losses, correct);
        }
    }

    /// <summary>
    /// Adds losses and hits on some tiles of the coalitions whose first members are given: those of the prefix among members
    /// 0 .. shared - 1, and any of the others. Every coalition is measured together with the one that the last member makes of it.
    /// </summary>
    /// <param name="prefix">Which members are in, as a bit mask.</param>
    /// <param name="shared">At most all members but the last.</param>
    /// <param name="firstTile">The first tile.</param>
    /// <param name="tiles">How many.</param>
    /// <param name="losses">2^n x blocks.</param>
    /// <param name="correct">Likewise, or empty.</param>
    public void Walk(int prefix, int shared, int firstTile, int tiles, double[] losses, int[] correct)
    {
        (_firstTile, _tiles, _allLosses, _allCorrect) = (firstTile, tiles, losses, correct);
        RequireLevels(_last + 1);
        int level = 0;
        double divisor = 0;
        if (prefix == 0)
            JoinLastAlone();
        for (int member = 0; member < shared; member++)
        {
            if ((prefix >> member & 1) == 0)
                continue;
            divisor += _sums.Divisors[member];
            bool isCoalition = prefix >> (member + 1) == 0; // the whole prefix is one: the others are only on the way
            if (isCoalition)
                Join(level, member, prefix, divisor);
            else
                Add(level, member);
            level++;
        }
        Descend(level, shared, prefix, divisor);
    }

    void Descend(int level, int next, int mask, double divisor)
    {
        for (int member = next; member < _last; member++)
        {
            int with = mask | 1 << member;
            Join(level, member, with, divisor + _sums.Divisors[member]);
            Descend(level + 1, member + 1, with, divisor + _sums.Divisors[member]);
        }
    }

    /// <summary>Level + 1 = level and a member more, without measuring.</summary>
    void Add(int level, int member)
    {
        CoalitionStep.Add(Deep(member), _deep[level].Span, _deep[level + 1].Span);
        for (int t = 0; t < _tiles; t++)
            CoalitionStep.Add(First(member, _firstTile + t), Group(level, t), Group(level + 1, t));
    }

    /// <summary>
    /// Level + 1 = level and a member more, and the scores of that coalition without and with the last member; the sum is left out where nobody
    /// goes on from it.
    /// </summary>
    void Join(int level, int member, int mask, double divisor)
    {
        bool isKept = member < _last - 1;
        _without.Scale = (float)(_sums.Scale / divisor);
        _with.Scale = (float)(_sums.Scale / (divisor + _sums.Divisors[_last]));
        if (_network.IsDeep)
        {
            CoalitionStep.AddAndScaleTwo(
                Deep(member), _deep[level].Span, isKept ? _deep[level + 1].Span : [], Deep(_last), _sums.Origin.Deep.Span,
                _without.Deep, _with.Deep, rectify: false);
        }
        for (int t = 0; t < _tiles; t++)
        {
            Pass(member, _firstTile + t, Group(level, t), isKept ? Group(level + 1, t) : []);
            MeasureOf(mask, _firstTile + t, _without);
            MeasureOf(mask | 1 << _last, _firstTile + t, _with);
        }
    }

    /// <summary>The scores of the coalition of the last member alone, whose sum is its own numbers.</summary>
    void JoinLastAlone()
    {
        _without.Scale = (float)(_sums.Scale / _sums.Divisors[_last]);
        if (_network.IsDeep)
            CoalitionStep.AddAndScale(Deep(_last), _deep[0].Span, _sums.Origin.Deep.Span, _without.Deep, rectify: false);
        for (int t = 0; t < _tiles; t++)
        {
            Pass(_last, _firstTile + t, Group(0, t));
            MeasureOf(1 << _last, _firstTile + t, _without);
        }
    }

    /// <summary>
    /// A tile's outputs for a sum and a member more. Hidden units go through the next layer some at a time, while they are in the first cache.
    /// </summary>
    void Pass(int member, int tile, ReadOnlySpan<float> sum)
    {
        _network.Begin(_without);
        for (int at = 0, length; at < sum.Length; at += length)
        {
            length = PieceAt(at);
            CoalitionStep.AddAndScale(
                First(member, tile, at, length), sum.Slice(at, length), Origin(tile, at, length), _without.Hidden(length), _network.IsDeep);
            _network.Add(at, length, _without);
        }
    }

    /// <summary>The same for two coalitions, without and with the last member.</summary>
    void Pass(int member, int tile, ReadOnlySpan<float> sum, Span<float> next)
    {
        _network.Begin(_without);
        _network.Begin(_with);
        for (int at = 0, length; at < sum.Length; at += length)
        {
            length = PieceAt(at);
            CoalitionStep.AddAndScaleTwo(
                First(member, tile, at, length), sum.Slice(at, length), next.IsEmpty ? [] : next.Slice(at, length), First(_last, tile, at, length),
                Origin(tile, at, length), _without.Hidden(length), _with.Hidden(length), _network.IsDeep);
            _network.Add(at, length, _without);
            _network.Add(at, length, _with);
        }
    }

    int PieceAt(int at) => _network.IsDeep ? Math.Min(UnitsAtOnce * TileLayer.Rows, _network.FirstLength - at) : _network.FirstLength;

    void MeasureOf(int mask, int tile, CoalitionModel model) => _measure.Add(
        tile, _network.Logits(model), _allLosses.AsSpan(mask * Jackknife.Blocks, Jackknife.Blocks),
        _allCorrect.Length == 0 ? [] : _allCorrect.AsSpan(mask * Jackknife.Blocks, Jackknife.Blocks));

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

    Addend Deep(int member) => new(_sums.Parts[member].Deep.Span, _sums.Factors[member]);

    Addend First(int member, int tile) => First(member, tile, 0, _network.FirstLength);

    Addend First(int member, int tile, int at, int length) =>
        new(_sums.Parts[member].First.Span.Slice(tile * _network.FirstLength + at, length), _sums.Factors[member]);

    ReadOnlySpan<float> Origin(int tile, int at, int length) =>
        _sums.Origin.First.Span.Slice(tile * _network.FirstLength + at, length);
}
